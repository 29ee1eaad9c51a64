/** The window of a convolution or a pooling in full: automatic padding resolved, defaults filled in. */
import type { SlidingWindow } from '../onnx/index.js';
import type { GradientContext } from './context.js';

const filled = (length: number, value: number): number[] => new Array<number>(length).fill(value);

export const extent = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** Splits padding in two; the odd one goes to the end for SAME_UPPER and to the beginning for SAME_LOWER. */
export function distribute(totals: readonly number[], upper: boolean): number[] {
  const begins = totals.map((t) => (upper ? Math.floor(t / 2) : Math.ceil(t / 2)));
  return [...begins, ...totals.map((t, i) => t - begins[i]!)];
}

/** The window of the node that slides over input 0, with a kernel of these sizes. */
export function windowOf(c: GradientContext, kernel: readonly number[]): SlidingWindow {
  const rank = kernel.length;
  const strides = c.ints('strides', filled(rank, 1));
  const dilations = c.ints('dilations', filled(rank, 1));
  const auto = c.string('auto_pad', 'NOTSET');
  if (auto === 'NOTSET') {
    return { strides, dilations, pads: c.ints('pads', filled(2 * rank, 0)) };
  }
  if (auto === 'VALID') return { strides, dilations, pads: filled(2 * rank, 0) };
  const extents = kernel.map((k, i) => extent(k, dilations[i]!));
  // With a stride of 1 the padding does not depend on the size.
  const totals = strides.every((s) => s === 1)
    ? extents.map((e) => e - 1)
    : c.sizes(0, 2).map((size, i) => {
        const count = Math.ceil(size / strides[i]!);
        return Math.max((count - 1) * strides[i]! + extents[i]! - size, 0);
      });
  return { strides, dilations, pads: distribute(totals, auto === 'SAME_UPPER') };
}
