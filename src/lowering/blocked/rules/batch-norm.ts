/** Batch normalisation in training and its gradient, as depthwise convolutions. */
import { floatAttribute, intAttribute, type Value } from '../../../onnx/index.js';
import type { Blocking, Rule } from '../blocking.js';
import { conv, unitWindow } from '../kernels/operators.js';
import { factorsOut } from './factored.js';
import { affine, channelProducts, channelSums, isStatisticsOf, momentsOf } from './moments.js';

const DEFAULT_EPSILON = 1e-5;
const DEFAULT_MOMENTUM = 0.9;

/** Stands in for a zero to divide by: of a channel through which no gradient flows. */
const LEAST = 1e-20;

const inverseDeviation = ({ g }: Blocking, variance: Value, epsilon: number): Value =>
  g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon)])])]);

/** y = γ(x − μ)/σ + β as x·a + c, with what follows in the same pass. */
export const batchNormalization: Rule = (b, node) => {
  const { g, store } = b;
  const [x, scale, bias, runningMean, runningVariance] = node.inputs as [
    string,
    string,
    string,
    string,
    string,
  ];
  const types = [x, scale, runningMean].map((name) => store.type(name)?.dtype);
  if (store.blockable(x) === undefined || types.some((dtype) => dtype !== 'float32')) return false;
  const epsilon = floatAttribute(node, 'epsilon', DEFAULT_EPSILON);
  if (intAttribute(node, 'training_mode', 0) === 0) {
    if (!store.offered(x).includes('channels')) return false;
    const a = g.op('Mul', [store.plain(scale), inverseDeviation(b, store.plain(runningVariance), epsilon)]);
    const c = g.op('Sub', [store.plain(bias), g.op('Mul', [store.plain(runningMean), a])]);
    store.defer(node.outputs[0]!, {
      finish: (epilogue) => affine(b, store.in(x, 'channels'), a, c, epilogue),
    });
    return true;
  }
  const moments = momentsOf(b, x, runningMean);
  const a = g.op('Mul', [store.plain(scale), inverseDeviation(b, moments.variance, epsilon)]);
  const c = g.op('Sub', [store.plain(bias), g.op('Mul', [moments.mean, a])]);
  store.defer(node.outputs[0]!, { finish: (epilogue) => affine(b, moments.x, a, c, epilogue) });

  const momentum = floatAttribute(node, 'momentum', DEFAULT_MOMENTUM);
  const moved = (running: string, batch: Value) =>
    g.op('Add', [
      g.op('Mul', [store.plain(running), g.scalar(momentum)]),
      g.op('Mul', [batch, g.scalar(1 - momentum)]),
    ]);
  const [, mean, variance] = node.outputs;
  if (b.wanted(mean)) store.set(mean, 'plain', moved(runningMean, moments.trueMean));
  if (b.wanted(variance)) store.set(variance, 'plain', moved(runningVariance, moments.variance));
  return true;
};

export const batchStatistics: Rule = (b, node) => {
  const [x] = node.inputs as [string];
  if (b.store.blockable(x) === undefined) return false;
  const moments = momentsOf(b, x);
  b.store.set(node.outputs[0]!, 'plain', moments.trueMean);
  b.store.set(node.outputs[1]!, 'plain', moments.variance);
  return true;
};

/**
 * dγ = Σ dy·(x − μ)/σ, dβ = Σ dy, dx = a·dy + k·x + c with a = γ/σ, k = −a·dγ/(σM), c = −a·dβ/M − k·μ and M the
 * elements of a channel: two passes, the second of which adds the first. Where it pays, one pass makes dx/k =
 * r·dy + x + o with r = a/k = −M·σ²/Σ dy·(x − μ) and o = c/k = −r·dβ/M − μ, and those who read dx multiply their
 * weights by k.
 */
export const batchNormGradient: Rule = (b, node) => {
  const { g, store } = b;
  const [dy, x, scale, mean] = node.inputs as [string, string, string, string];
  const sizes = store.blockable(x);
  if (sizes === undefined || !isStatisticsOf(b, mean, x) || !b.moments.has(x)) return false;
  const moments = momentsOf(b, x);
  const count = sizes[0] * sizes[2] * sizes[3];
  const inverse = inverseDeviation(b, moments.variance, floatAttribute(node, 'epsilon', DEFAULT_EPSILON));
  const flowing = store.in(dy, 'channels');
  const dbias = channelSums(b, flowing);
  const along = g.op('Sub', [channelProducts(b, flowing, moments.x), g.op('Mul', [moments.mean, dbias])]);
  const dscale = g.op('Mul', [along, inverse]);
  store.set(node.outputs[1] ?? '', 'plain', dscale);
  store.set(node.outputs[2] ?? '', 'plain', dbias);
  const [dx] = node.outputs;
  if (!b.wanted(dx)) return true;
  const a = g.op('Mul', [store.plain(scale), inverse]);
  const column = (value: Value) => g.reshape(value, [sizes[1], 1, 1, 1]);
  store.defer(dx, {
    finish: ({ sum, relu }) => {
      const perElement = g.scalar(-1 / count);
      const k = g.op('Mul', [g.op('Mul', [a, inverse]), g.op('Mul', [dscale, perElement])]);
      const constant = g.op('Mul', [g.op('Mul', [a, dbias]), perElement]);
      const c = g.op('Sub', [constant, g.op('Mul', [k, moments.mean])]);
      const own = affine(b, moments.x, k, c, { sum });
      return conv(g, flowing, column(a), unitWindow(), { sum: own, relu, group: sizes[1] });
    },
  });
  if (!factorsOut(b, dx)) return true;
  const some = g.op('Add', [g.op('Mul', [dscale, inverse]), g.scalar(LEAST)]);
  const r = g.op('Div', [g.scalar(-count), some]);
  const offset = g.op('Sub', [g.op('Div', [dbias, some]), moments.mean]);
  const name = `${dx}.factored`;
  store.set(name, 'channels', () =>
    conv(g, flowing, column(r), unitWindow(), { bias: offset, sum: moments.x, group: sizes[1] }),
  );
  b.factored.set(dx, { name, factor: column(g.op('Div', [a, r])) });
  return true;
};
