/**
 * Whether the data of a WebP image have a hole of zeros, as if a part had never arrived: unlike other decoders, WebP's
 * decodes it to other pixels without a warning. A shorter hole, other damage, and a hole that decodes to an even surface are
 * not recognized: the format has no checksum, and nearly any bytes are legal codes. RFC 9649.
 */
import sharp from 'sharp';
import { reporting } from './late-warnings.js';

/** Longer than any run of zeros in the codes of what is no even surface. */
const HOLE = Buffer.alloc(256);
const HEADER = 8;
/** What precedes the chunks of an animation's frame within its own. */
const FRAME_HEADER = 16;
const CHANNELS = 3;

/** By the chunk of coded pixels: squares of pixels, in whose order these are coded, and how many pixels a zero is at least. */
const FORMS: Readonly<Record<string, Form>> = {
  // Macroblocks. libwebp's codes of an even surface have a zero for 420 pixels at quality 100 without effort, else for 10,000.
  'VP8 ': { side: 16, pixelsPerZero: 150 },
  // Without effort a zero is 3 pixels of a picture that is even nearly everywhere, and fewer in others.
  VP8L: { side: 1, pixelsPerZero: 0.6 },
};

interface Form {
  readonly side: number;
  readonly pixelsPerZero: number;
}

/**
 * Whether the first picture of the file has one.
 * @throws the decoder's error if that cannot be decoded
 */
export async function hasHole(bytes: Uint8Array): Promise<boolean> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + HEADER <= file.length; ) {
    const name = file.toString('latin1', at, at + 4);
    const end = at + HEADER + file.readUInt32LE(at + 4);
    const form = FORMS[name];
    if (form) {
      const zeros = longestHole(file.subarray(at + HEADER, end));
      return zeros > 0 && !(await hasEvenRun(bytes, form.side, zeros * form.pixelsPerZero));
    }
    at = name === 'ANMF' ? at + HEADER + FRAME_HEADER : end + (end & 1);
  }
  return false;
}

/** The length of the longest run of zeros; 0 if none is as long as a hole. */
function longestHole(data: Buffer): number {
  let longest = 0;
  for (let from = data.indexOf(HOLE); from >= 0; ) {
    let end = from + HOLE.length;
    while (data[end] === 0) end++;
    longest = Math.max(longest, end - from);
    from = data.indexOf(HOLE, end);
  }
  return longest;
}

/** Whether so many pixels follow each other, in squares, that repeat their neighbours or go on as they do. */
async function hasEvenRun(bytes: Uint8Array, side: number, pixels: number): Promise<boolean> {
  const { data, info } = await reporting(sharp(bytes, { failOn: 'none', limitInputPixels: false }))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const [left, above] = [CHANNELS, CHANNELS * width];
  const continues = (x: number, y: number): boolean => {
    const at = CHANNELS * (width * y + x);
    const is = (predicted: (value: number) => number) =>
      data[at] === predicted(at) && data[at + 1] === predicted(at + 1) && data[at + 2] === predicted(at + 2);
    if (x > 0 && is((i) => data[i - left]!)) return true;
    if (y > 0 && is((i) => data[i - above]!)) return true;
    if (x === 0 || y === 0) return x === y;
    return is((i) => data[i - left]! + data[i - above]! - data[i - above - left]!);
  };
  const isEven = (fromX: number, fromY: number, toX: number, toY: number): boolean => {
    for (let y = fromY; y < toY; y++) for (let x = fromX; x < toX; x++) if (!continues(x, y)) return false;
    return true;
  };
  let run = 0;
  for (let y = 0; y < height; y += side) {
    for (let x = 0; x < width; x += side) {
      const [toX, toY] = [Math.min(x + side, width), Math.min(y + side, height)];
      run = isEven(x, y, toX, toY) ? run + (toX - x) * (toY - y) : 0;
      if (run >= pixels) return true;
    }
  }
  return false;
}
