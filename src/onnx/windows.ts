/** The geometry of sliding windows, of convolutions and poolings alike. */
import type { NodeContext } from './node-context.js';

/** The window of a convolution or a pooling. `pads` holds all beginnings, then all ends. */
export interface SlidingWindow {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
}

/** The extent of a kernel along an axis. */
export const windowExtent = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/**
 * The padding that SAME adds along an axis, on both sides together: the output has ⌈size / stride⌉ positions. At stride
 * 1 it does not depend on the size.
 */
export const samePadding = (size: number, extent: number, stride: number): number =>
  stride === 1 ? extent - 1 : Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0);

/** Splits padding in two; the odd one goes to the end for SAME_UPPER and to the beginning for SAME_LOWER. */
export function distributePadding(totals: readonly number[], upper: boolean): number[] {
  const begins = totals.map((total) => (upper ? Math.floor(total / 2) : Math.ceil(total / 2)));
  return [...begins, ...totals.map((total, i) => total - begins[i]!)];
}

/**
 * A node's window, with defaults filled in and automatic padding resolved.
 * @param sizes gives the spatial sizes of its input, if the padding depends on them
 */
export function slidingWindow(
  c: NodeContext,
  kernel: readonly number[],
  sizes: () => readonly number[],
): SlidingWindow {
  const filled = (length: number, value: number): number[] => new Array<number>(length).fill(value);
  const strides = c.ints('strides', filled(kernel.length, 1));
  const dilations = c.ints('dilations', filled(kernel.length, 1));
  const auto = c.string('auto_pad', 'NOTSET');
  if (!auto.startsWith('SAME')) {
    const none = filled(2 * kernel.length, 0);
    return { strides, dilations, pads: auto === 'NOTSET' ? c.ints('pads', none) : none };
  }
  const known = strides.every((stride) => stride === 1) ? strides : sizes();
  const totals = kernel.map((k, i) => samePadding(known[i]!, windowExtent(k, dilations[i]!), strides[i]!));
  return { strides, dilations, pads: distributePadding(totals, auto === 'SAME_UPPER') };
}

/** The end padding along an axis that `count` windows reach into. */
export const endPadding = (
  size: number,
  begin: number,
  count: number,
  extent: number,
  stride: number,
): number => Math.max((count - 1) * stride + extent - size - begin, 0);
