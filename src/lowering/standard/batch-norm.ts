/**
 * Batch normalisation in training (Ioffe and Szegedy 2015): statistics, the gradient, and the operator itself from
 * primitives. Variances are means of squared differences from the mean, never E[x²] − E[x]², which loses its
 * digits where the mean is large.
 */
import { floatAttribute, type GraphBuilder, type Value } from '../../onnx/index.js';
import { allButChannels, channelCount, channelMeans, perChannel, scalar } from './arithmetic.js';
import type { Expand } from './fragment.js';

const DEFAULT_EPSILON = 1e-5;
const DEFAULT_MOMENTUM = 0.9;

function statistics(g: GraphBuilder, x: Value): { mean: Value; variance: Value; centred: Value } {
  const mean = channelMeans(g, x);
  const centred = g.op('Sub', [x, perChannel(g, mean, x)]);
  return { mean, centred, variance: channelMeans(g, g.op('Mul', [centred, centred])) };
}

export const batchStatistics: Expand = (e) => {
  const { mean, variance } = statistics(e.g, e.input(0));
  return [mean, variance];
};

const inverseDeviation = (g: GraphBuilder, variance: Value, epsilon: number): Value =>
  g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, scalar(g, epsilon, variance)])])]);

/**
 * With x̂ = (x − μ)/σ and means over the batch and all positions: dγ = Σ dy·x̂, dβ = Σ dy,
 * dx = γ/σ · (dy − mean dy − x̂ · mean(dy·x̂)).
 */
export const batchNormGradient: Expand = (e) => {
  const { g } = e;
  const [dy, x, scale, mean, variance] = [e.input(0), e.input(1), e.input(2), e.input(3), e.input(4)];
  const inverse = inverseDeviation(g, variance, floatAttribute(e.node, 'epsilon', DEFAULT_EPSILON));
  const centred = g.op('Sub', [x, perChannel(g, mean, x)]);
  const sum = (value: Value) => g.op('ReduceSum', [value, g.ints(allButChannels(x))], { keepdims: 0 });
  const dbias = sum(dy);
  const along = sum(g.op('Mul', [dy, centred]));
  const dscale = g.op('Mul', [along, inverse]);
  if (!e.wants(0)) return [undefined, dscale, dbias];
  // dx = a·dy + k·(x − μ) + c with factors of one number a channel.
  const count = channelCount(g, x);
  const a = g.op('Mul', [scale, inverse]);
  const k = g.op('Div', [g.op('Mul', [a, g.op('Mul', [dscale, inverse])]), count]);
  const c = g.op('Div', [g.op('Mul', [a, dbias]), count]);
  const own = g.op('Mul', [dy, perChannel(g, a, x)]);
  const others = g.op('Add', [g.op('Mul', [centred, perChannel(g, k, x)]), perChannel(g, c, x)]);
  return [g.op('Sub', [own, others]), dscale, dbias];
};

/**
 * BatchNormalization with training_mode 1, for providers that lack it: inputs x, scale, bias, running mean and
 * variance; outputs y and the new running ones, old · momentum + batch · (1 − momentum), of the population.
 */
export const trainingBatchNorm: Expand = (e) => {
  const { g } = e;
  const x = e.input(0);
  const { mean, variance, centred } = statistics(g, x);
  const slope = g.op('Mul', [
    e.input(1),
    inverseDeviation(g, variance, floatAttribute(e.node, 'epsilon', DEFAULT_EPSILON)),
  ]);
  const y = g.op('Add', [g.op('Mul', [centred, perChannel(g, slope, x)]), perChannel(g, e.input(2), x)]);
  const momentum = floatAttribute(e.node, 'momentum', DEFAULT_MOMENTUM);
  const moved = (running: Value, batch: Value) =>
    g.op('Add', [
      g.op('Mul', [running, scalar(g, momentum, running)]),
      g.op('Mul', [batch, scalar(g, 1 - momentum, batch)]),
    ]);
  return [
    y,
    e.wants(1) ? moved(e.input(3), mean) : undefined,
    e.wants(2) ? moved(e.input(4), variance) : undefined,
  ];
};
