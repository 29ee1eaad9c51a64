/** Recognizes JPEG files that only need decoding: no rotation, no colour profile, no unusual colours. */

const SOI = 0xd8;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const SOS = 0xda;
/** Huffman-coded frames of 8 bits: baseline, extended, progressive. */
const FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2];
const YCBCR_COMPONENTS = 3;
/** The component numbers of JFIF; others may be RGB. */
const JFIF_COMPONENTS = [1, 2, 3] as const;

/**
 * The size of a JPEG of three components, Y, Cb and Cr, of 8 bits, without EXIF data (which may turn it), colour
 * profile or Adobe's marker (which may mean other colours); undefined for anything else, including damaged files.
 */
export function plainJpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) return undefined;
  const word = (at: number) => (bytes[at]! << 8) | bytes[at + 1]!;
  let size: { width: number; height: number } | undefined;
  for (let at = 2; at + 4 <= bytes.length; at += 2 + word(at + 2)) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === SOS) return size;
    if (marker === APP1 || marker === APP2 || marker === APP14) return undefined;
    if (FRAMES.includes(marker)) {
      const [precision, components] = [bytes[at + 4], bytes[at + 9]];
      if (precision !== 8 || components !== YCBCR_COMPONENTS) return undefined;
      if (!JFIF_COMPONENTS.every((id, i) => bytes[at + 10 + 3 * i] === id)) return undefined;
      size = { width: word(at + 7), height: word(at + 5) };
    }
  }
  return undefined;
}
