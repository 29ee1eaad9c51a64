/**
 * Output of resampled pixels. Samplers produce RGB rows in fixed point; a writer converts each to bytes or to a
 * network's input, so that every sampler works with every kind of output without an extra pass.
 */
import type { InputSpec } from '../metadata/index.js';

/** Fractional bits of a sample: 255 takes 8 more, and the sums stay within 32 bits. */
export const SAMPLE_BITS = 21;

/**
 * Receives row `y` of the output: 3 samples for each pixel, RGB, each its value in 0..255 times 2^SAMPLE_BITS. The row
 * is overwritten once the call returns.
 */
export interface RowWriter {
  (row: Int32Array, y: number): void;
  /** What it writes into, if that is a tensor: a sampler may do it itself, by the same arithmetic. */
  readonly tensor?: TensorRows;
  /** Likewise, if that is an image. */
  readonly bytes?: ByteRows;
}

/** The bytes of an image `[height, width, 3]`. */
export interface ByteRows {
  readonly out: Uint8Array;
  readonly width: number;
}

/** How rows become parts of a tensor: a number times `gain` plus `bias`, both by channel of the tensor. */
export interface TensorRows {
  readonly out: Float32Array;
  /** The place of the first number of row `y`. */
  rowStart(y: number): number;
  /** From one pixel to the next, and from one channel to the next. */
  readonly step: number;
  readonly channelStep: number;
  readonly gain: readonly number[];
  readonly bias: readonly number[];
  /** The channel of the tensor that red becomes: 0 or 2. */
  readonly red: number;
}

/** Writes interleaved RGB bytes, rounded to nearest, into `out` of `[height, width, 3]`. */
export function byteRows(out: Uint8Array, width: number): RowWriter {
  const half = 1 << (SAMPLE_BITS - 1);
  const write = (row: Int32Array, y: number) => {
    let to = (y * width * 3) | 0;
    // One pixel at a time: three numbers per array look-up.
    for (let i = 0; i < row.length; i += 3) {
      const [red, green, blue] = [row[i]!, row[i + 1]!, row[i + 2]!];
      out[to] = (red + half) >> SAMPLE_BITS;
      out[to + 1] = (green + half) >> SAMPLE_BITS;
      out[to + 2] = (blue + half) >> SAMPLE_BITS;
      to = (to + 3) | 0;
    }
  };
  return Object.assign(write, { bytes: { out, width } });
}

/** The layout of an image tensor: see `InputSpec`. */
export type TensorFormat = Pick<InputSpec, 'color' | 'layout' | 'mean' | 'scale'>;

/**
 * Writes one image of a batch: `(value − mean) · scale` into `out` from `offset` on, as `[3, height, width]` (NCHW) or
 * `[height, width, 3]` (NHWC). Rows may be shorter than `width` and fewer than `height`: the rest stays unchanged.
 */
export function tensorRows(
  out: Float32Array,
  offset: number,
  width: number,
  height: number,
  format: TensorFormat,
): RowWriter {
  const planar = format.layout === 'NCHW';
  const rowStep = planar ? width : width * 3;
  const tensor: TensorRows = {
    out,
    rowStart: (y) => offset + y * rowStep,
    step: planar ? 1 : 3,
    channelStep: planar ? width * height : 1,
    gain: format.scale.map((scale) => scale * 2 ** -SAMPLE_BITS),
    bias: format.scale.map((scale, c) => -format.mean[c]! * scale),
    red: format.color === 'RGB' ? 0 : 2,
  };
  return Object.assign((row: Int32Array, y: number) => writeTensorRow(row, y, tensor), { tensor });
}

function writeTensorRow(row: Int32Array, y: number, tensor: TensorRows): void {
  const { out, step, channelStep, red } = tensor;
  const [gainA, gainB, gainC] = tensor.gain as [number, number, number];
  const [biasA, biasB, biasC] = tensor.bias as [number, number, number];
  const lastStep = 2 * channelStep;
  const blue = 2 - red;
  let to = tensor.rowStart(y);
  for (let i = 0; i < row.length; i += 3) {
    out[to] = row[i + red]! * gainA + biasA;
    out[to + channelStep] = row[i + 1]! * gainB + biasB;
    out[to + lastStep] = row[i + blue]! * gainC + biasC;
    to = (to + step) | 0;
  }
}
