/**
 * Batch normalisation in training (Ioffe and Szegedy 2015): statistics, the gradient, and the operator itself from
 * primitives. Variances are means of squared differences from the mean, never E[x²] − E[x]², which loses precision if
 * the mean is large.
 */
import type { GraphBuilder, Value } from '../../onnx/index.js';
import type { ReplacementRule } from '../replacement.js';
import { allButChannels, channelMeans, perChannel } from './arithmetic.js';

const DEFAULT_EPSILON = 1e-5;
const DEFAULT_MOMENTUM = 0.9;

function statistics(g: GraphBuilder, x: Value): { mean: Value; variance: Value; centred: Value } {
  const mean = channelMeans(g, x);
  const centred = g.op('Sub', [x, perChannel(g, mean, x)]);
  return { mean, centred, variance: channelMeans(g, g.op('Mul', [centred, centred])) };
}

export const batchStatistics: ReplacementRule = (c) => {
  const { mean, variance } = statistics(c.g, c.input(0));
  return [mean, variance];
};

const inverseDeviation = (g: GraphBuilder, variance: Value, epsilon: number): Value =>
  g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon, variance)])])]);

/**
 * With x̂ = (x − μ)/σ and means over the batch and all positions: dγ = Σ dy·x̂, dβ = Σ dy,
 * dx = γ/σ · (dy − mean dy − x̂ · mean(dy·x̂)).
 */
export const batchNormGradient: ReplacementRule = (c) => {
  const { g } = c;
  const [dy, x, scale, mean, variance] = [c.input(0), c.input(1), c.input(2), c.input(3), c.input(4)];
  const inverse = inverseDeviation(g, variance, c.float('epsilon', DEFAULT_EPSILON));
  const centred = g.op('Sub', [x, perChannel(g, mean, x)]);
  const sum = (value: Value) => g.op('ReduceSum', [value, g.ints(allButChannels(x))], { keepdims: 0 });
  const dbias = sum(dy);
  const along = sum(g.op('Mul', [dy, centred]));
  const dscale = g.op('Mul', [along, inverse]);
  if (!c.wants(0)) return [undefined, dscale, dbias];
  // dx = a·dy + k·(x − μ) + b with per-channel factors.
  const count = g.count(x, allButChannels(x));
  const a = g.op('Mul', [scale, inverse]);
  const k = g.op('Div', [g.op('Mul', [a, g.op('Mul', [dscale, inverse])]), count]);
  const b = g.op('Div', [g.op('Mul', [a, dbias]), count]);
  const own = g.op('Mul', [dy, perChannel(g, a, x)]);
  const others = g.op('Add', [g.op('Mul', [centred, perChannel(g, k, x)]), perChannel(g, b, x)]);
  return [g.op('Sub', [own, others]), dscale, dbias];
};

/**
 * BatchNormalization with training_mode 1, for providers that lack it: inputs x, scale, bias, running mean and
 * variance; outputs y and the new running ones, old · momentum + batch · (1 − momentum), of the population.
 */
export const trainingBatchNorm: ReplacementRule = (c) => {
  if (c.int('training_mode', 0) === 0) return undefined;
  const { g } = c;
  const x = c.input(0);
  const { mean, variance, centred } = statistics(g, x);
  const slope = g.op('Mul', [c.input(1), inverseDeviation(g, variance, c.float('epsilon', DEFAULT_EPSILON))]);
  const y = g.op('Add', [g.op('Mul', [centred, perChannel(g, slope, x)]), perChannel(g, c.input(2), x)]);
  const momentum = c.float('momentum', DEFAULT_MOMENTUM);
  const moved = (running: Value, batch: Value) =>
    g.op('Add', [
      g.op('Mul', [running, g.scalar(momentum, running)]),
      g.op('Mul', [batch, g.scalar(1 - momentum, batch)]),
    ]);
  return [
    y,
    c.wants(1) ? moved(c.input(3), mean) : undefined,
    c.wants(2) ? moved(c.input(4), variance) : undefined,
  ];
};
