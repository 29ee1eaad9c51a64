/** Zeros around maps. */
import type { Value } from '../../../onnx/index.js';
import type { KernelBuilder } from '../layout/builder.js';
import { constantWeights } from './constants.js';
import { blockAxes, conv } from './operators.js';
import { type Sides, unitWindow } from './window.js';

/**
 * x, in the layout `channels`, padded with rows and columns of zeros (negative numbers cut off) and with images of
 * zeros at the end, viewed with its blocks as axes: `[N, C/B, H, W, B]`. ONNX Runtime's Pad is single-threaded; a
 * one-tap convolution pads in half the time.
 */
export function padded(b: KernelBuilder, x: Value, pads: Sides, images = 0): Value {
  if (images === 0 && pads.every((count) => count === 0)) return blockAxes(b, x);
  const { g } = b;
  if (images > 0 || pads.some((count) => count < 0)) {
    const [top, left, bottom, right] = pads;
    return g.op('Pad', [blockAxes(b, x), g.ints([0, 0, top, left, 0, images, 0, bottom, right, 0])]);
  }
  const group = x.size(1);
  return blockAxes(b, conv(g, x, constantWeights(g, group, 1), { ...unitWindow(), pads }, { group }));
}
