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
export type RowWriter = (row: Int32Array, y: number) => void;

/** Writes interleaved RGB bytes, rounded to nearest, into `out` of `[height, width, 3]`. */
export function byteRows(out: Uint8Array, width: number): RowWriter {
  const half = 1 << (SAMPLE_BITS - 1);
  return (row, y) => {
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
  const step = planar ? 1 : 3;
  const rowStep = planar ? width : width * 3;
  const channelStep = planar ? width * height : 1;
  const unit = 2 ** -SAMPLE_BITS;
  const [gainA, gainB, gainC] = format.scale.map((scale) => scale * unit) as [number, number, number];
  const [biasA, biasB, biasC] = format.scale.map((scale, c) => -format.mean[c]! * scale) as [
    number,
    number,
    number,
  ];
  const first = format.color === 'RGB' ? 0 : 2;
  return (row, y) => {
    const to = (offset + y * rowStep) | 0;
    writeTensorRow(row, first, out, to, step, channelStep, gainA, biasA, gainB, biasB, gainC, biasC);
  };
}

/** It takes all that it needs, since V8 reads the variables of a closure again for each pixel. */
function writeTensorRow(
  row: Int32Array,
  first: number,
  out: Float32Array,
  offset: number,
  step: number,
  channelStep: number,
  gainA: number,
  biasA: number,
  gainB: number,
  biasB: number,
  gainC: number,
  biasC: number,
): void {
  const last = 2 - first;
  const lastStep = 2 * channelStep;
  let to = offset;
  for (let i = 0; i < row.length; i += 3) {
    out[to] = row[i + first]! * gainA + biasA;
    out[to + channelStep] = row[i + 1]! * gainB + biasB;
    out[to + lastStep] = row[i + last]! * gainC + biasC;
    to = (to + step) | 0;
  }
}
