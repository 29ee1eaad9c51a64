/**
 * Where resampled pixels go. Samplers make one row of RGB after another in fixed point; a writer turns each
 * into bytes or into a network's input, so that every sampler serves every kind of output without a pass more.
 */
import type { InputSpec } from './types.js';

/** Fractional bits of a sample: 255 takes 8 more, and the sums stay within 32 bits. */
export const SAMPLE_BITS = 21;

/** Takes row `y` of the output: `3 · width` samples, RGB, each its value in 0..255 times 2^SAMPLE_BITS.
 *  The row is overwritten once the call returns. */
export type RowWriter = (row: Int32Array, y: number) => void;

/** Writes interleaved RGB bytes, rounded to nearest, into `out` of `[height, width, 3]`. */
export function byteRows(out: Uint8Array, width: number): RowWriter {
  const half = 1 << (SAMPLE_BITS - 1);
  return (row, y) => {
    const start = y * width * 3;
    for (let i = 0; i < width * 3; i++) out[start + i] = (row[i]! + half) >> SAMPLE_BITS;
  };
}

/** How a tensor holds an image: see `InputSpec`. */
export type TensorFormat = Pick<InputSpec, 'color' | 'layout' | 'mean' | 'scale'>;

/**
 * Writes one image of a batch: `(value − mean) · scale` into `out` from `offset` on, as `[3, height, width]`
 * (NCHW) or `[height, width, 3]` (NHWC).
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
  return (row, y) => {
    for (let channel = 0; channel < 3; channel++) {
      const gain = unit * format.scale[channel]!;
      const bias = -format.mean[channel]! * format.scale[channel]!;
      let to = offset + channel * channelStep + y * rowStep;
      for (let from = format.color === 'RGB' ? channel : 2 - channel; from < width * 3; from += 3) {
        out[to] = row[from]! * gain + bias;
        to += step;
      }
    }
  };
}
