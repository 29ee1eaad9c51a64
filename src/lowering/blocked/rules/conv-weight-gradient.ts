/** The gradient of a convolution for its weights, in the layout that the weights have. */
import { scaledOutputs } from '../kernels/channels.js';
import { weightGradientKernel } from '../kernels/weight-gradient/index.js';
import type { Pair } from '../kernels/window.js';
import type { Rule } from '../node.js';
import { factoredOf } from './factored.js';
import { convolutionOf, pair } from './geometry.js';

export const convWeightGradient: Rule = (c) => {
  const [dy, x] = [c.input(0), c.input(1)];
  const [sizes, found] = [x.sizes4, dy.blockable];
  if (sizes === undefined || found === undefined) return false;
  const [batch, outputs, ...count] = found;
  const spatial: Pair = [sizes[2], sizes[3]];
  const perGroup = sizes[1] / c.int('group', 1);
  const kernel = pair(c.ints('kernel_shape', []));
  const convolution = convolutionOf(c, [outputs, perGroup, ...kernel], spatial);
  if (convolution === undefined) return false;
  const { window, channels, layout } = convolution;
  const { value, factor } = factoredOf(dy);
  const problem = { x, dy: value, window, batch, channels, outputs, spatial, count };
  const kernelOf = weightGradientKernel(layout, problem);
  if (kernelOf === undefined) return false;
  const gradient = kernelOf(c, problem);
  c.output().set(layout, factor ? scaledOutputs(c.g, gradient, factor) : gradient);
  return true;
};
