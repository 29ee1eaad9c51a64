/**
 * The size that an encoded image states, read from its bytes alone: a browser gives it only after decoding, and a few
 * bytes may make that take any amount of memory.
 *
 * ITU-T T.81 (JPEG); W3C PNG, 11.2.1; GIF89a, 18; RFC 9649 (WebP); ISO/IEC 23008-12, 6.5.3 (AVIF).
 */
import type { FileType } from './file-type.js';
import { type FrameSize, frameSize, isFrame, segments } from './jpeg-segments.js';

export interface StatedSize {
  readonly width: number;
  readonly height: number;
}

/** As the file stores it, before any turn; undefined if unknown. */
export function statedSize(bytes: Uint8Array, format: FileType['format']): StatedSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    switch (format) {
      case 'PNG':
        return { width: view.getUint32(16), height: view.getUint32(20) };
      case 'GIF':
        return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
      case 'JPEG':
        return sizeOf(jpegFrame(bytes));
      case 'WebP':
        return ofWebp(view);
      case 'AVIF':
        return ofAvif(view);
      default:
        return undefined;
    }
  } catch (error) {
    // It ends before it says.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const sizeOf = (frame: StatedSize | undefined): StatedSize | undefined =>
  frame && { width: frame.width, height: frame.height };

/** The number of colours that a JPEG file has, 4 for CMYK; undefined if it does not state it. */
export const jpegComponents = (bytes: Uint8Array): number | undefined => jpegFrame(bytes)?.components;

function jpegFrame(bytes: Uint8Array): FrameSize | undefined {
  for (const { marker, data } of segments(bytes)) if (isFrame(marker)) return frameSize(data);
  return undefined;
}

function ofWebp(view: DataView): StatedSize | undefined {
  const uint24 = (at: number) => view.getUint16(at, true) + view.getUint8(at + 2) * 2 ** 16;
  switch (text(view, 12)) {
    case 'VP8X':
      return { width: 1 + uint24(24), height: 1 + uint24(27) };
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
    }
    case 'VP8 ':
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
    default:
      return undefined;
  }
}

/** The largest of the sizes that boxes of type `ispe` state: of the image, its thumbnails and its alpha plane. */
function ofAvif(view: DataView): StatedSize | undefined {
  const find = (from: number, to: number): StatedSize | undefined => {
    let largest: StatedSize | undefined;
    for (let at = from; at + 8 <= to; ) {
      const length = view.getUint32(at) || to - at;
      const type = text(view, at + 4);
      const inner = CONTAINERS[type];
      const size =
        type === 'ispe'
          ? { width: view.getUint32(at + 12), height: view.getUint32(at + 16) }
          : inner === undefined
            ? undefined
            : find(at + 8 + inner, Math.min(at + length, to));
      if (size && size.width * size.height > (largest ? largest.width * largest.height : 0)) largest = size;
      // Lengths of 64 bits, which say 1, are of pixels' data.
      if (length < 8) break;
      at += length;
    }
    return largest;
  };
  return find(0, view.byteLength);
}

/** Boxes that lead to `ispe`, and how many bytes come before what they hold. */
const CONTAINERS: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0 };

const text = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
