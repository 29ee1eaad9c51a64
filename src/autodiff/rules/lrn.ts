/**
 * Local response normalisation across channels (Krizhevsky et al. 2012): y = x·D^(−β) with
 * D = k + α/n · Σ x² over the n channels around.
 */
import type { Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { reshapeLike } from '../shaping.js';

/** The mean over windows of channels, zeros around: `before` and `after` reach to lower and higher channels. */
function channelMeans(c: GradientContext, x: Value, before: number, after: number): Value {
  const { g } = c;
  const channels = x.shape?.[1];
  if (typeof channels !== 'number') return c.fail('the number of channels must be known');
  const flat = g.reshape(x, [0, 1, channels, -1]);
  const means = g.op('AveragePool', [flat], {
    kernel_shape: [before + after + 1, 1],
    pads: [before, 0, after, 0],
    count_include_pad: 1,
  });
  return reshapeLike(g, means, c.input(0));
}

/** dx = dy·D^(−β) − 2αβ·x · (the mean of dy·x·D^(−β−1) over the channels whose window holds this one) */
const rule: GradientRule = (c) => {
  const { g, dy } = c;
  const x = c.input(0);
  const size = c.int('size', 1);
  const [alpha, beta] = [c.float('alpha', 1e-4), c.float('beta', 0.75)];
  const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const squares = channelMeans(c, g.op('Mul', [x, x]), before, after);
  const base = g.op('Add', [g.op('Mul', [squares, g.scalar(alpha, x)]), g.scalar(c.float('bias', 1), x)]);
  const direct = g.op('Mul', [dy, g.op('Pow', [base, g.scalar(-beta, x)])]);
  const through = g.op('Div', [g.op('Mul', [direct, x]), base]);
  const spread = g.op('Mul', [channelMeans(c, through, after, before), g.scalar(2 * alpha * beta, x)]);
  return [g.op('Sub', [direct, g.op('Mul', [x, spread])])];
};

export const lrn: GradientRules = { LRN: rule };
