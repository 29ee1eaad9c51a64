/** Batch normalisation in training and its gradient, as depthwise convolutions. */
import type { GraphBuilder, Value } from '../../../onnx/index.js';
import { affine, channelProducts, channelSums } from '../kernels/channels.js';
import { conv } from '../kernels/operators.js';
import { unitWindow } from '../kernels/window.js';
import type { Rule } from '../node.js';
import type { BlockedValue } from '../value.js';
import { factorsOut, holdFactored } from './factored.js';
import { isStatisticsOf, knownMoments, momentsOf } from './moments.js';
import { cutVector, filledVector } from './vectors.js';

const DEFAULT_EPSILON = 1e-5;
const DEFAULT_MOMENTUM = 0.9;

/** Replaces a zero divisor: that of a channel without a gradient. */
const LEAST = 1e-20;

const inverseDeviation = (g: GraphBuilder, variance: Value, epsilon: number): Value =>
  g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon)])])]);

/** y = γ(x − μ)/σ + β as x·a + c, with the following operators in the same pass. */
export const batchNormalization: Rule = (c) => {
  const { g } = c;
  const [x, scale, bias] = [c.input(0), c.input(1), c.input(2)];
  const [runningMean, runningVariance] = [c.input(3), c.input(4)];
  const channels = x.blockable?.[1];
  if (channels === undefined || [scale, runningMean].some(({ dtype }) => dtype !== 'float32')) return false;
  const filled = (vector: BlockedValue) => filledVector(c, vector, channels);
  const epsilon = c.float('epsilon', DEFAULT_EPSILON);
  const slopeOf = (variance: Value) => g.op('Mul', [filled(scale), inverseDeviation(g, variance, epsilon)]);
  const offsetOf = (mean: Value, slope: Value) => g.op('Sub', [filled(bias), g.op('Mul', [mean, slope])]);
  if (c.int('training_mode', 0) === 0) {
    if (!x.offers('channels')) return false;
    const slope = slopeOf(filled(runningVariance));
    const offset = offsetOf(filled(runningMean), slope);
    c.output().defer({
      repeatable: true,
      finish: (epilogue) => affine(g, x.in('channels'), slope, offset, epilogue),
    });
    return true;
  }
  const moments = momentsOf(c.graph, x, runningMean);
  const slope = slopeOf(moments.variance);
  const offset = offsetOf(moments.mean, slope);
  c.output().defer({
    repeatable: true,
    finish: (epilogue) => affine(g, moments.x, slope, offset, epilogue),
  });

  const momentum = c.float('momentum', DEFAULT_MOMENTUM);
  const moved = (running: BlockedValue, batch: Value) =>
    g.op('Add', [
      g.op('Mul', [running.plain, g.scalar(momentum)]),
      g.op('Mul', [cutVector(g, batch, x.sizes4![1]), g.scalar(1 - momentum)]),
    ]);
  const [, mean, variance] = c.outputs;
  if (mean?.usage.uses) mean.set('plain', moved(runningMean, moments.trueMean));
  if (variance?.usage.uses) variance.set('plain', moved(runningVariance, moments.variance));
  return true;
};

export const batchStatistics: Rule = (c) => {
  const x = c.input(0);
  if (x.sizes4 === undefined || x.blockable === undefined) return false;
  const { trueMean, variance } = momentsOf(c.graph, x);
  c.output(0).set('plain', cutVector(c.g, trueMean, x.sizes4[1]));
  c.output(1).set('plain', cutVector(c.g, variance, x.sizes4[1]));
  return true;
};

/**
 * dγ = Σ dy·(x − μ)/σ, dβ = Σ dy, dx = a·dy + k·x + c with a = γ/σ, k = −a·dγ/(σM), c = −a·dβ/M − k·μ and M the
 * elements of a channel: two passes, the second of which adds the first. If it pays, a single pass computes dx/k = r·dy
 * + x + o with r = a/k = −M·σ²/Σ dy·(x − μ) and o = c/k = −r·dβ/M − μ, and the readers of dx multiply their weights by
 * k.
 */
export const batchNormGradient: Rule = (c) => {
  const { g } = c;
  const [dy, x, scale, mean] = [c.input(0), c.input(1), c.input(2), c.input(3)];
  const sizes = x.blockable;
  const moments = knownMoments(x);
  if (sizes === undefined || moments === undefined || !isStatisticsOf(mean, x.name)) return false;
  const [batch, channels, height, width] = sizes;
  const count = batch * height * width;
  const inverse = inverseDeviation(g, moments.variance, c.float('epsilon', DEFAULT_EPSILON));
  const flowing = dy.in('channels');
  const dbias = channelSums(g, flowing);
  const along = g.op('Sub', [channelProducts(g, flowing, moments.x), g.op('Mul', [moments.mean, dbias])]);
  const dscale = g.op('Mul', [along, inverse]);
  const [dx] = c.outputs;
  c.outputs[1]?.set('plain', cutVector(g, dscale, x.sizes4![1]));
  c.outputs[2]?.set('plain', cutVector(g, dbias, x.sizes4![1]));
  if (!dx?.usage.uses) return true;
  const a = g.op('Mul', [filledVector(c, scale, channels), inverse]);
  const column = (value: Value) => g.reshape(value, [channels, 1, 1, 1]);
  dx.defer({
    finish: ({ sum, activation }) => {
      const perElement = g.scalar(-1 / count);
      const k = g.op('Mul', [g.op('Mul', [a, inverse]), g.op('Mul', [dscale, perElement])]);
      const constant = g.op('Mul', [g.op('Mul', [a, dbias]), perElement]);
      const offset = g.op('Sub', [constant, g.op('Mul', [k, moments.mean])]);
      const own = affine(g, moments.x, k, offset, { sum });
      return conv(g, flowing, column(a), unitWindow(), { sum: own, activation, group: channels });
    },
  });
  if (!factorsOut(c.graph, dx)) return true;
  const some = g.op('Add', [g.op('Mul', [dscale, inverse]), g.scalar(LEAST)]);
  const r = g.op('Div', [g.scalar(-count), some]);
  const offset = g.op('Sub', [g.op('Div', [dbias, some]), moments.mean]);
  const scaled = c.graph.own(`${dx.name}.factored`, () =>
    conv(g, flowing, column(r), unitWindow(), { bias: offset, sum: moments.x, group: channels }),
  );
  holdFactored(dx, scaled, column(g.op('Div', [a, r])));
  return true;
};
