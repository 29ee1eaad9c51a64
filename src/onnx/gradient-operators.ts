/**
 * The gradient operators of our own, domain `agewise`, version 1. They are used where the best formulation depends on
 * the device; lowering replaces all of them before a graph runs. All take the forward operator's inputs in ONNX's own
 * layout, and state their windows in full, without automatic padding or defaults.
 *
 * | operator | inputs | outputs | attributes |
 * |---|---|---|---|
 * | ConvInputGradient | dy `[N, M, ...]`, w `[M, C/group, ...]` | dx `[N, C, ...]` | strides, pads, dilations, group, spatial: the sizes of x after its channels |
 * | ConvWeightGradient | dy `[N, M, ...]`, x `[N, C, ...]` | dw `[M, C/group, ...]` | strides, pads, dilations, group, kernel_shape |
 * | ReluGradient | dy, y | dx: dy where y > 0 and y < ceiling, otherwise 0 | ceiling: none if left out |
 * | HardSwishGradient | dy, x | dx: of x·max(0, min(1, x/6 + 1/2)) | |
 * | MaxPoolGradient | dy, x, y | dx: of each window, the first largest element receives the gradient | kernel_shape, strides, pads, dilations |
 * | BatchStatistics | x `[N, C, ...]` | mean `[C]`, variance `[C]` (of the population) | |
 * | BatchNormGradient | dy, x, scale, mean, variance | dx, dscale `[C]`, dbias `[C]`, through the statistics too | epsilon |
 */
import { type AttributeInput, float } from './attributes.js';
import type { GraphBuilder, Value } from './builder.js';
import { GRADIENT_DOMAIN } from './opsets.js';
import type { SlidingWindow } from './windows.js';

interface Grouped extends SlidingWindow {
  readonly group: number;
}

const attributesOf = (window: SlidingWindow): Record<string, AttributeInput> => ({
  strides: window.strides,
  pads: window.pads,
  dilations: window.dilations,
});

export function convInputGradient(
  g: GraphBuilder,
  dy: Value,
  w: Value,
  window: Grouped & { readonly spatial: readonly number[] },
): Value {
  const attributes = { ...attributesOf(window), group: window.group, spatial: window.spatial };
  return g.custom(GRADIENT_DOMAIN, 'ConvInputGradient', 1, [dy, w], { attributes })[0];
}

export function convWeightGradient(
  g: GraphBuilder,
  dy: Value,
  x: Value,
  window: Grouped & { readonly kernel: readonly number[] },
): Value {
  const attributes = { ...attributesOf(window), group: window.group, kernel_shape: window.kernel };
  return g.custom(GRADIENT_DOMAIN, 'ConvWeightGradient', 1, [dy, x], { attributes })[0];
}

/** @param ceiling the ReLU's upper bound, such as 6 in ReLU6 */
export const reluGradient = (g: GraphBuilder, dy: Value, y: Value, ceiling?: number): Value =>
  g.custom(GRADIENT_DOMAIN, 'ReluGradient', 1, [dy, y], {
    attributes: { ceiling: ceiling === undefined ? undefined : float(ceiling) },
  })[0];

export const hardSwishGradient = (g: GraphBuilder, dy: Value, x: Value): Value =>
  g.custom(GRADIENT_DOMAIN, 'HardSwishGradient', 1, [dy, x])[0];

export function maxPoolGradient(
  g: GraphBuilder,
  dy: Value,
  x: Value,
  y: Value,
  window: SlidingWindow & { readonly kernel: readonly number[] },
): Value {
  const attributes = { ...attributesOf(window), kernel_shape: window.kernel };
  return g.custom(GRADIENT_DOMAIN, 'MaxPoolGradient', 1, [dy, x, y], { attributes })[0];
}

/** Mean and population variance of each channel, over the batch and all positions. */
export const batchStatistics = (g: GraphBuilder, x: Value): [mean: Value, variance: Value] =>
  g.custom(GRADIENT_DOMAIN, 'BatchStatistics', 2, [x]);

/** Gradients for x, scale and bias, with the statistics taken as functions of x. */
export function batchNormGradient(
  g: GraphBuilder,
  inputs: readonly [dy: Value, x: Value, scale: Value, mean: Value, variance: Value],
  epsilon: number,
): [dx: Value, dscale: Value, dbias: Value] {
  const attributes = { epsilon: float(epsilon) };
  return g.custom(GRADIENT_DOMAIN, 'BatchNormGradient', 3, inputs, { attributes });
}
