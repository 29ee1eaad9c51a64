/** Recognizes JPEG files that only need decoding: no rotation, no colour profile, no unusual colours. */
import { frameSize, isFrame, MARKER, SOI, SOS, segments } from './jpeg-segments.js';

/** APP1 may hold EXIF data, APP2 a colour profile, APP14 Adobe's colour transform. */
const UNUSUAL: readonly number[] = [0xe1, 0xe2, 0xee];
/** Huffman-coded frames: baseline, extended, progressive. */
const FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2];
const BITS = 8;
const YCBCR_COMPONENTS = 3;
/** The component numbers of JFIF; others may be RGB. */
const JFIF_COMPONENTS = [1, 2, 3] as const;

/**
 * The size of a JPEG of three components, Y, Cb and Cr, of 8 bits, without EXIF data (which may turn it), colour
 * profile or Adobe's marker (which may mean other colours); undefined for anything else, including damaged files.
 * @example
 * plainJpegSize(await readFile('face.jpg')); // { width: 200, height: 200 }
 */
export function plainJpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (bytes[0] !== MARKER || bytes[1] !== SOI) return undefined;
  let size: { width: number; height: number } | undefined;
  for (const { marker, data } of segments(bytes)) {
    if (marker === SOS) return size;
    if (UNUSUAL.includes(marker)) return undefined;
    if (!isFrame(marker)) continue;
    const frame = frameSize(data);
    const isPlain =
      FRAMES.includes(marker) &&
      data[0] === BITS &&
      frame?.components === YCBCR_COMPONENTS &&
      JFIF_COMPONENTS.every((id, i) => data[6 + 3 * i] === id);
    if (!isPlain) return undefined;
    size = { width: frame.width, height: frame.height };
  }
  return undefined;
}
