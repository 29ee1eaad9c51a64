/** Convolutions of one group, in the form that computes them fastest. */
import type { Value } from '../../../onnx/index.js';
import { type KernelBuilder, sizesOf } from '../layout/builder.js';
import { isNarrow, narrowConv } from './narrow.js';
import { type ConvExtras, conv } from './operators.js';
import { padded } from './padding.js';
import { places, type Window2d } from './window.js';

/**
 * The kernel computes six positions of a row per pass over the weights, but those whose window reaches over the sides one by
 * one, at half the speed. From this share of them it pays to write the columns of zeros first. Milliseconds of processor time
 * on one thread of AVX-512, best of 25 rounds, for [kernel, channels @ side, batch]:
 *
 * | | share | as it is | with zeros written |
 * |---|---|---|---|
 * | 1 × 7, 192 @ 8, 16 | 0.75 | 6.69 | 4.82 |
 * | 3 × 3, 256 @ 7, 32 | 0.29 | 19.0 | 16.2 |
 * | 3 × 3, 512 @ 7, 8 | 0.29 | 20.9 | 19.1 |
 * | 3 × 3, 192 @ 8, 16 | 0.25 | 6.17 | 5.81 |
 * | 5 × 5, 48 → 64 @ 18, 16 | 0.22 | 7.14 | 5.94 |
 * | 3 × 3, 128 @ 14, 32 | 0.14 | 13.8 | 14.1 |
 *
 * Depthwise convolutions, which cost no more than the zeros, become slower by a quarter to a half.
 */
const WIDE_SIDES = 1 / 5;

/** `conv` with dense weights. */
export function denseConv(
  b: KernelBuilder,
  x: Value,
  w: Value,
  window: Window2d,
  extras: ConvExtras = {},
): Value {
  const sizes = sizesOf(x);
  if (isNarrow(sizes, window)) return narrowConv(b, x, w, window, extras);
  const [top, left, bottom, right] = window.pads;
  const beyond = Math.ceil(left / window.strides[1]) + Math.ceil(right / window.strides[1]);
  if (beyond < WIDE_SIDES * places(sizes[3], window, 1)) return conv(b.g, x, w, window, extras);
  const [n, channels, height, width] = sizes;
  const wide = b.g.reshape(padded(b, x, [0, left, 0, right]), [n, channels, height, width + left + right]);
  return conv(b.g, wide, w, { ...window, pads: [top, 0, bottom, 0] }, extras);
}
