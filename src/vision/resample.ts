/**
 * Separable resampling along the picture's axes with a triangle (bilinear) filter that widens when shrinking, as in
 * Pillow's BILINEAR, of `torchvision` with antialias and of ONNX `Resize` with `antialias=1`. Outside the picture its
 * edge pixels repeat.
 *
 * It uses integer arithmetic, and in the vertical pass two bytes per multiplication: a 32-bit word holds two sums of 16
 * bits, which weights of 8 bits that add up to 256 cannot overflow. That makes it three times as fast as the same loops
 * over floats. The weights' rounding costs at most one grey level in pure noise, some hundredths of one in a
 * photograph.
 */
import { type RowWriter, SAMPLE_BITS } from './rows.js';
import type { PixelImage } from './types.js';

/** Fractional bits of the weights down and across; together they make SAMPLE_BITS. */
const DOWN_BITS = 8;
const ACROSS_BITS = SAMPLE_BITS - DOWN_BITS;

/** Masks bytes 0 and 2 of a word, which are summed together. */
const LANES = 0x00ff00ff;

/** For each output along one axis: the first source pixel, and `stride` weights that sum to exactly 1. */
interface Taps {
  readonly first: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

/** A straight line of samples: output i has its centre at `start + (i + ½) · step` along an axis of the picture. */
export interface Axis {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/**
 * Samples the picture on a grid parallel to its axes; a negative step mirrors.
 *
 * @param write receives the rows, top to bottom
 */
export function resample(image: PixelImage, x: Axis, y: Axis, write: RowWriter): void {
  const across = triangleTaps(x, image.width, ACROSS_BITS);
  const down = triangleTaps(y, image.height, DOWN_BITS);
  let left = image.width;
  let right = 0;
  for (const first of across.first) {
    left = Math.min(left, first);
    right = Math.max(right, first + across.stride);
  }
  // From here on, a column is its byte offset in a row that starts at `left`.
  for (let i = 0; i < x.count; i++) across.first[i] = (across.first[i]! - left) * 3;
  const rows = new RowBlender(image, left, Math.min(right, image.width), across.stride);
  const row = new Int32Array(x.count * 3);
  for (let i = 0; i < y.count; i++) {
    // Rows first: memory is read in order, and when the picture shrinks fewer rows remain for the second pass.
    rows.blend(down, i);
    blendColumns(rows.blended, across, row);
    write(row, i);
  }
}

/*
 * The loops below are unrolled for two and four taps, and read from one array: V8 then keeps the weights in registers,
 * and looks up an array's address and length once per iteration, not once per number. Sums go through `| 0` because
 * they would be computed in floats otherwise.
 */

/** Weighted sums of rows of a picture, over the columns from `left` to `right`. */
class RowBlender {
  /** The result, RGB, in 0..255 times 2^DOWN_BITS; followed by zeros for zero-weight taps beyond its end. */
  readonly blended: Uint16Array;
  /** Four consecutive rows, copied here so that words can be read: in the picture a row may start at any byte. */
  private readonly words: Int32Array;
  private readonly bytes: readonly Uint8Array[];
  /** The sums of bytes 0 and 2 of each word, then those of bytes 1 and 3. */
  private readonly sums: Int32Array;

  constructor(
    private readonly image: PixelImage,
    private readonly left: number,
    right: number,
    spareColumns: number,
  ) {
    const length = (right - left) * 3;
    const count = (length + 3) >> 2;
    this.words = new Int32Array(4 * count);
    this.bytes = [0, 1, 2, 3].map((i) => new Uint8Array(this.words.buffer, i * count * 4, length));
    this.sums = new Int32Array(2 * count);
    this.blended = new Uint16Array(count * 4 + spareColumns * 3);
  }

  blend({ first, weights, stride }: Taps, index: number): void {
    const { words, sums, blended } = this;
    const row = first[index]!;
    const tap = index * stride;
    if (stride === 2) {
      this.load(row, 2);
      blendTwo(words, weights[tap]!, weights[tap + 1]!, blended);
      return;
    }
    if (stride > 4) sums.fill(0);
    for (let t = tap; t < tap + stride; t += 4) {
      this.load(row + t - tap, 4);
      const [wa, wb, wc, wd] = [weights[t]!, weights[t + 1]!, weights[t + 2]!, weights[t + 3]!];
      if (stride === 4) blendFour(words, wa, wb, wc, wd, blended);
      else addFour(words, wa, wb, wc, wd, sums);
    }
    if (stride > 4) unpack(sums, blended);
  }

  private load(row: number, count: number): void {
    const { image, left, bytes } = this;
    const length = bytes[0]!.length;
    for (let i = 0; i < count; i++) {
      // Rows below the picture have zero weight; any row will do.
      const at = (Math.min(row + i, image.height - 1) * image.width + left) * 3;
      bytes[i]!.set(image.data.subarray(at, at + length));
    }
  }
}

function blendTwo(words: Int32Array, wa: number, wb: number, out: Uint16Array): void {
  const count = words.length >> 2;
  for (let i = 0; i < count; i++) {
    const [p, q] = [words[i]!, words[i + count]!];
    const even = (Math.imul(p & LANES, wa) + Math.imul(q & LANES, wb)) | 0;
    const odd = (Math.imul((p >>> 8) & LANES, wa) + Math.imul((q >>> 8) & LANES, wb)) | 0;
    const to = i << 2;
    out[to] = even;
    out[to + 1] = odd;
    out[to + 2] = even >>> 16;
    out[to + 3] = odd >>> 16;
  }
}

function blendFour(
  words: Int32Array,
  wa: number,
  wb: number,
  wc: number,
  wd: number,
  out: Uint16Array,
): void {
  const count = words.length >> 2;
  for (let i = 0; i < count; i++) {
    const [p, q, r, s] = [words[i]!, words[i + count]!, words[i + 2 * count]!, words[i + 3 * count]!];
    const even =
      (Math.imul(p & LANES, wa) +
        Math.imul(q & LANES, wb) +
        Math.imul(r & LANES, wc) +
        Math.imul(s & LANES, wd)) |
      0;
    const odd =
      (Math.imul((p >>> 8) & LANES, wa) +
        Math.imul((q >>> 8) & LANES, wb) +
        Math.imul((r >>> 8) & LANES, wc) +
        Math.imul((s >>> 8) & LANES, wd)) |
      0;
    const to = i << 2;
    out[to] = even;
    out[to + 1] = odd;
    out[to + 2] = even >>> 16;
    out[to + 3] = odd >>> 16;
  }
}

function addFour(words: Int32Array, wa: number, wb: number, wc: number, wd: number, sums: Int32Array): void {
  const count = words.length >> 2;
  for (let i = 0; i < count; i++) {
    const [p, q, r, s] = [words[i]!, words[i + count]!, words[i + 2 * count]!, words[i + 3 * count]!];
    sums[i]! +=
      Math.imul(p & LANES, wa) +
      Math.imul(q & LANES, wb) +
      Math.imul(r & LANES, wc) +
      Math.imul(s & LANES, wd);
    sums[i + count]! +=
      Math.imul((p >>> 8) & LANES, wa) +
      Math.imul((q >>> 8) & LANES, wb) +
      Math.imul((r >>> 8) & LANES, wc) +
      Math.imul((s >>> 8) & LANES, wd);
  }
}

function unpack(sums: Int32Array, out: Uint16Array): void {
  const count = sums.length >> 1;
  for (let i = 0; i < count; i++) {
    const [even, odd] = [sums[i]!, sums[i + count]!];
    const to = i << 2;
    out[to] = even;
    out[to + 1] = odd;
    out[to + 2] = even >>> 16;
    out[to + 3] = odd >>> 16;
  }
}

function blendColumns(blended: Uint16Array, taps: Taps, row: Int32Array): void {
  if (taps.stride === 2) blendTwoColumns(blended, taps, row);
  else if (taps.stride === 4) blendFourColumns(blended, taps, row);
  else blendManyColumns(blended, taps, row);
}

// Stores come last in each iteration: after a store, V8 looks the arrays up again.

function blendTwoColumns(blended: Uint16Array, { first, weights }: Taps, row: Int32Array): void {
  const count = first.length;
  for (let i = 0, to = 0; i < count; i++, to += 3) {
    const at = first[i]!;
    const tap = i << 1;
    const [w0, w1] = [weights[tap]!, weights[tap + 1]!];
    const red = Math.imul(blended[at]!, w0) + Math.imul(blended[at + 3]!, w1);
    const green = Math.imul(blended[at + 1]!, w0) + Math.imul(blended[at + 4]!, w1);
    const blue = Math.imul(blended[at + 2]!, w0) + Math.imul(blended[at + 5]!, w1);
    row[to] = red;
    row[to + 1] = green;
    row[to + 2] = blue;
  }
}

function blendFourColumns(blended: Uint16Array, { first, weights }: Taps, row: Int32Array): void {
  const count = first.length;
  for (let i = 0, to = 0; i < count; i++, to += 3) {
    const at = first[i]!;
    const tap = i << 2;
    const [w0, w1, w2, w3] = [weights[tap]!, weights[tap + 1]!, weights[tap + 2]!, weights[tap + 3]!];
    const red =
      Math.imul(blended[at]!, w0) +
      Math.imul(blended[at + 3]!, w1) +
      Math.imul(blended[at + 6]!, w2) +
      Math.imul(blended[at + 9]!, w3);
    const green =
      Math.imul(blended[at + 1]!, w0) +
      Math.imul(blended[at + 4]!, w1) +
      Math.imul(blended[at + 7]!, w2) +
      Math.imul(blended[at + 10]!, w3);
    const blue =
      Math.imul(blended[at + 2]!, w0) +
      Math.imul(blended[at + 5]!, w1) +
      Math.imul(blended[at + 8]!, w2) +
      Math.imul(blended[at + 11]!, w3);
    row[to] = red;
    row[to + 1] = green;
    row[to + 2] = blue;
  }
}

function blendManyColumns(blended: Uint16Array, { first, weights, stride }: Taps, row: Int32Array): void {
  const count = first.length;
  let tap = 0;
  for (let i = 0, to = 0; i < count; i++, to += 3) {
    let at = first[i]! | 0;
    let red = 0;
    let green = 0;
    let blue = 0;
    for (const end = (tap + stride) | 0; tap < end; tap = (tap + 1) | 0) {
      const weight = weights[tap]!;
      red = (red + Math.imul(blended[at]!, weight)) | 0;
      green = (green + Math.imul(blended[at + 1]!, weight)) | 0;
      blue = (blue + Math.imul(blended[at + 2]!, weight)) | 0;
      at = (at + 3) | 0;
    }
    row[to] = red;
    row[to + 1] = green;
    row[to + 2] = blue;
  }
}

function triangleTaps({ start, step, count }: Axis, length: number, bits: number): Taps {
  const radius = Math.max(1, Math.abs(step));
  // The number of pixels that can lie strictly inside the filter, rounded up to two or a multiple of four for the
  // loops.
  const inside = Math.ceil(2 * radius);
  const stride = inside === 2 ? 2 : (inside + 3) & ~3;
  const first = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    // The filter's centre in coordinates of pixel centres.
    const center = start + (i + 0.5) * step - 0.5;
    const low = Math.floor(center - radius) + 1;
    const high = Math.ceil(center + radius) - 1;
    const from = Math.min(Math.max(low, 0), Math.max(0, length - inside));
    first[i] = from;
    exact.fill(0);
    let sum = 0;
    for (let j = low; j <= high; j++) {
      const weight = 1 - Math.abs(j - center) / radius;
      // Edge replication: taps outside the picture count for the edge pixel.
      exact[Math.min(Math.max(j, 0), length - 1) - from]! += weight;
      sum += weight;
    }
    quantise(exact, sum, 1 << bits, weights.subarray(i * stride, (i + 1) * stride));
  }
  return { first, weights, stride };
}

/** Rounds weights to multiples of 1 / `unit` that sum to exactly 1: so that flat areas stay unchanged. */
function quantise(exact: Float64Array, sum: number, unit: number, out: Int32Array): void {
  // Rounding errors are passed on to the next weight, so that no single weight takes all of them.
  let exactSoFar = 0;
  let roundedSoFar = 0;
  for (let i = 0; i < exact.length; i++) {
    exactSoFar += exact[i]!;
    out[i] = Math.round((exactSoFar / sum) * unit) - roundedSoFar;
    roundedSoFar += out[i]!;
  }
}
