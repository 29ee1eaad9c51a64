/** The gradient of a convolution for its weights, in the layout that the weights have. */
import { scaledOutputs } from '../kernels/channels.js';
import { weightGradientKernel } from '../kernels/weight-gradient/index.js';
import type { Pair } from '../kernels/window.js';
import type { MapSizes } from '../layout/builder.js';
import { relayout } from '../layout/reorder.js';
import type { Rule } from '../node.js';
import { factoredOf } from './factored.js';
import { convolutionOf, pair } from './geometry.js';

export const convWeightGradient: Rule = (c) => {
  const [dy, x] = [c.input(0), c.input(1)];
  const [input, output] = [x.sizes4, dy.sizes4];
  if (input === undefined || output === undefined || dy.blockable === undefined) return false;
  const spatial: Pair = [input[2], input[3]];
  const count: Pair = [output[2], output[3]];
  const perGroup = input[1] / c.int('group', 1);
  const weights: MapSizes = [output[1], perGroup, ...pair(c.ints('kernel_shape', []))];
  const convolution = convolutionOf(c, weights, spatial);
  if (convolution === undefined) return false;
  const { layout } = convolution;
  const { value, factor } = factoredOf(dy);
  const problem = { ...convolution, x, dy: value, batch: output[0], spatial, count };
  const kernel = weightGradientKernel(layout, problem);
  if (kernel === undefined) return false;
  const unscaled = kernel(c, problem);
  const gradient = factor ? scaledOutputs(c.g, unscaled, factor) : unscaled;
  const dw = c.output();
  // The weights that it updates are not filled up.
  if (dw.fills(layout)) dw.set('plain', relayout(c, gradient, layout, 'plain', weights));
  else dw.set(layout, gradient);
  return true;
};
