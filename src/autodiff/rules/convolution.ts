/** Convolutions of any number of spatial axes. */
import {
  convInputGradient,
  convWeightGradient,
  distributePadding,
  type SlidingWindow,
  type Value,
  windowExtent,
} from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { sumOver } from '../shaping.js';
import { windowOf } from '../window.js';

/** A bias is repeated over the batch and all positions. */
function biasGradient(c: GradientContext): Value {
  const axes = Array.from({ length: c.rank(0) }, (_, i) => i).filter((i) => i !== 1);
  return sumOver(c.g, c.dy, axes, false);
}

const conv: GradientRule = (c) => {
  const { g, dy } = c;
  const [x, w] = [c.input(0), c.input(1)];
  const kernel = c.sizes(1, 2);
  const window = { ...windowOf(c, kernel), group: c.int('group', 1) };
  return [
    c.needs(0) ? convInputGradient(g, dy, w, { ...window, spatial: c.sizes(0, 2) }) : undefined,
    c.needs(1) ? convWeightGradient(g, dy, x, { ...window, kernel }) : undefined,
    c.needs(2) ? biasGradient(c) : undefined,
  ];
};

/** The window of the convolution from y to x whose input gradient the node computes. */
function transposedWindow(c: GradientContext, kernel: readonly number[]): SlidingWindow {
  const rank = kernel.length;
  const ones = new Array<number>(rank).fill(1);
  const strides = c.ints('strides', ones);
  const dilations = c.ints('dilations', ones);
  const auto = c.string('auto_pad', 'NOTSET');
  const outputShape = c.ints('output_shape');
  if (outputShape === undefined && !auto.startsWith('SAME')) {
    const none = new Array<number>(2 * rank).fill(0);
    return { strides, dilations, pads: auto === 'VALID' ? none : c.ints('pads', none) };
  }
  const extra = c.ints('output_padding', new Array<number>(rank).fill(0));
  const sizes = c.sizes(0, 2);
  const totals = sizes.map((size, i) => {
    const target = outputShape?.at(i - rank) ?? size * strides[i]!;
    return strides[i]! * (size - 1) + extra[i]! + windowExtent(kernel[i]!, dilations[i]!) - target;
  });
  if (totals.some((t) => t < 0)) c.fail('an output larger than its windows cover is not supported');
  return { strides, dilations, pads: distributePadding(totals, auto === 'SAME_UPPER') };
}

/** The transpose of a convolution from y to x: its gradients are that convolution, and its weights' gradient. */
const convTranspose: GradientRule = (c) => {
  const { g, dy } = c;
  const [x, w] = [c.input(0), c.input(1)];
  const kernel = c.sizes(1, 2);
  const window = { ...transposedWindow(c, kernel), group: c.int('group', 1) };
  return [
    c.needs(0) ? g.op('Conv', [dy, w], { ...window, kernel_shape: kernel }) : undefined,
    c.needs(1) ? convWeightGradient(g, x, dy, { ...window, kernel }) : undefined,
    c.needs(2) ? biasGradient(c) : undefined,
  ];
};

export const convolution: GradientRules = { Conv: conv, ConvTranspose: convTranspose };
