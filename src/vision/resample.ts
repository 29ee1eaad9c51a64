/**
 * Separable resampling along the picture's axes with a triangle (bilinear) filter that widens when shrinking, as in
 * Pillow's BILINEAR, of `torchvision` with antialias and of ONNX `Resize` with `antialias=1`. Outside the picture its
 * edge pixels repeat.
 *
 * It uses integer arithmetic, by vector instructions of WebAssembly (resample.wat), which take a quarter of the time of
 * the same loops in JavaScript. The weights' rounding costs at most one grey level in pure noise, some hundredths of one
 * in a photograph.
 */
import { type RowWriter, SAMPLE_BITS } from './rows.js';
import {
  bytesOfWriter,
  I32,
  type Kernels,
  loadKernels,
  type Numbers,
  place,
  roundUp,
  U16,
  VECTOR,
  vectorWriter,
} from './sampling.js';
import type { PixelImage } from './types.js';

/** The bytes of the largest picture that is copied in one piece. */
const MOST_WHOLE = 2 ** 20;

/** Fractional bits of the weights down and across, which the kernels presume; together they make SAMPLE_BITS. */
const DOWN_BITS = 8;
const ACROSS_BITS = SAMPLE_BITS - DOWN_BITS;

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
  const across = tapsOf(x, image.width, ACROSS_BITS);
  const down = tapsOf(y, image.height, DOWN_BITS);
  let left = image.width;
  let right = 0;
  for (let i = 0; i < x.count; i++) {
    left = Math.min(left, across.first[i]!);
    right = Math.max(right, across.first[i]! + across.stride);
  }
  const columns = Math.min(right, image.width) - left;
  const kernels = loadKernels();
  // A small picture is copied in one piece, which takes less time than row by row.
  const whole = columns === image.width && image.data.length <= MOST_WHOLE ? image.data.length : undefined;
  const { blended, rowBytes, slots, taps, firsts, weights, row, floats } = layOut(
    kernels,
    columns,
    across,
    down,
    whole,
    bytesOfWriter(write, x.count, y.count),
  );
  for (let i = 0; i < x.count; i++) firsts.numbers[i] = blended + (across.first[i]! - left) * 3 * U16;
  setPairs(across, weights.numbers);
  // Each row is copied once; the outputs that need it find it in its slot.
  const writer = vectorWriter(kernels, write, row, floats, y.count);
  const bytes = new Uint8Array(kernels.memory.buffer);
  if (whole !== undefined) bytes.set(image.data, slots);
  const inSlot = new Int32Array(down.stride).fill(-1);
  for (let i = 0; i < y.count; i++) {
    let count = 0;
    for (let t = 0; t < down.stride; t++) {
      const weight = down.weights[i * down.stride + t]!;
      if (weight === 0) continue;
      const line = down.first[i]! + t;
      const slot = line % down.stride;
      const address = slots + (whole === undefined ? slot * rowBytes : line * columns * 3);
      if (whole === undefined && inSlot[slot] !== line) {
        const from = (line * image.width + left) * 3;
        bytes.set(image.data.subarray(from, from + columns * 3), address);
        inSlot[slot] = line;
      }
      taps.numbers[2 * count] = address;
      taps.numbers[2 * count + 1] = weight;
      count++;
    }
    // Rows first: when the picture shrinks fewer of them remain for the second pass.
    kernels.blendRows(taps.address, count, rowBytes, blended);
    kernels.blendColumns(firsts.address, weights.address, pairsOf(across), x.count, row.address);
    writer.write(row.numbers, i);
  }
  writer.finish();
}

/** The number of pairs of weights for each output. */
const pairsOf = ({ stride }: Pick<Taps, 'stride'>): number => (stride + 1) >> 1;

/** Writes the weights of each output as pairs of 16 bits. */
function setPairs({ first, weights, stride }: Taps, out: Int32Array): void {
  const pairs = pairsOf({ stride });
  for (let i = 0; i < first.length; i++) {
    for (let tap = 0; tap < stride; tap += 2) {
      const second = tap + 1 < stride ? weights[i * stride + tap + 1]! : 0;
      out[i * pairs + (tap >> 1)] = weights[i * stride + tap]! | (second << 16);
    }
  }
}

/**
 * Divides the kernels' memory, which grows to the largest that was needed: a few rows of a picture, or a small one.
 * @param whole the bytes of a picture that is copied in one piece
 * @param written the bytes that the rows' writer needs
 */
function layOut(
  { memory }: Kernels,
  columns: number,
  across: Taps,
  down: Taps,
  whole: number | undefined,
  written: number,
) {
  const rowBytes = roundUp(columns * 3, VECTOR);
  const count = across.first.length;
  const lengths = [2 * down.stride, count, count * pairsOf(across), count * 3];
  const [blended, slots, floats, ...addresses] = place(memory, [
    // Taps of zero weight may lie beyond the last column.
    (rowBytes + 2 * pairsOf(across) * 3) * U16,
    whole ?? down.stride * rowBytes,
    written,
    ...lengths.map((length) => length * I32),
  ]) as [number, number, number, ...number[]];
  const [taps, firsts, weights, row] = addresses.map(
    (address, n): Numbers => ({ address, numbers: new Int32Array(memory.buffer, address, lengths[n]!) }),
  ) as [Numbers, Numbers, Numbers, Numbers];
  return { blended, rowBytes, slots, taps, firsts, weights, row, floats };
}

/** The taps of the last few axes: pictures of one size are resized to the same sizes again and again. */
const kept = new Map<string, Taps>();
/** Of both axes, for the sizes that a detector looks at. */
const MOST_KEPT = 16;

function tapsOf(axis: Axis, length: number, bits: number): Taps {
  const key = `${axis.start} ${axis.step} ${axis.count} ${length} ${bits}`;
  const known = kept.get(key);
  if (known) return known;
  const taps = triangleTaps(axis, length, bits);
  const [oldest] = kept.keys();
  if (kept.size === MOST_KEPT) kept.delete(oldest!);
  kept.set(key, taps);
  return taps;
}

function triangleTaps({ start, step, count }: Axis, length: number, bits: number): Taps {
  const radius = Math.max(1, Math.abs(step));
  // The number of pixels that can lie strictly inside the filter.
  const stride = Math.ceil(2 * radius);
  const first = new Int32Array(count);
  const weights = new Int32Array(count * stride);
  const exact = new Float64Array(stride);
  for (let i = 0; i < count; i++) {
    // The filter's centre in coordinates of pixel centres.
    const center = start + (i + 0.5) * step - 0.5;
    const low = Math.floor(center - radius) + 1;
    const high = Math.ceil(center + radius) - 1;
    const from = Math.min(Math.max(low, 0), Math.max(0, length - stride));
    first[i] = from;
    exact.fill(0);
    let sum = 0;
    for (let j = low; j <= high; j++) {
      const weight = 1 - Math.abs(j - center) / radius;
      // Edge replication: taps outside the picture count for the edge pixel.
      exact[Math.min(Math.max(j, 0), length - 1) - from]! += weight;
      sum += weight;
    }
    quantise(exact, sum, 1 << bits, weights, i * stride);
  }
  return { first, weights, stride };
}

/** Rounds weights to multiples of 1 / `unit` that sum to exactly 1: so that flat areas stay unchanged. */
function quantise(exact: Float64Array, sum: number, unit: number, out: Int32Array, offset: number): void {
  // Rounding errors are passed on to the next weight, so that no single weight takes all of them.
  let exactSoFar = 0;
  let roundedSoFar = 0;
  for (let i = 0; i < exact.length; i++) {
    exactSoFar += exact[i]!;
    const rounded = Math.round((exactSoFar / sum) * unit);
    out[offset + i] = rounded - roundedSoFar;
    roundedSoFar = rounded;
  }
}
