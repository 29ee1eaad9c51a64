/** Batch and layer normalisation. */
import { batchNormGradient, batchStatistics, type GraphBuilder, type Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { meanOver, sumOver, sumTo } from '../shaping.js';

const EPSILON = 1e-5;

/** `[C]` as `[C, 1, ...]`, to broadcast with `[N, C, ...]`. */
function perChannel(c: GradientContext, value: Value): Value {
  const rank = c.rank(0);
  return rank === 2 ? value : c.g.reshape(value, [-1, ...new Array<number>(rank - 2).fill(1)]);
}

const inverseDeviation = (g: GraphBuilder, variance: Value, epsilon: number): Value =>
  g.op('Reciprocal', [g.op('Sqrt', [g.op('Add', [variance, g.scalar(epsilon, variance)])])]);

/**
 * Inputs: x, scale, bias, running mean, running variance. In training the batch's own statistics are used; the operator
 * does not output them, so they are computed again from x: recovering them from the running ones would lose precision.
 */
const batchNormalization: GradientRule = (c) => {
  const epsilon = c.float('epsilon', EPSILON);
  if (c.int('training_mode', 0) === 0) return inference(c, epsilon);
  const { g, dy } = c;
  const x = c.input(0);
  const [mean, variance] = batchStatistics(g, x);
  return batchNormGradient(g, [dy, x, c.input(1), mean, variance], epsilon);
};

/** y = γ(x − μ)/√(σ² + ε) + β with all five for inputs. */
function inference(c: GradientContext, epsilon: number): readonly (Value | undefined)[] {
  const { g, dy } = c;
  const axes = Array.from({ length: c.rank(0) }, (_, i) => i).filter((i) => i !== 1);
  const total = (value: Value) => sumOver(g, value, axes, false);
  const inverse = inverseDeviation(g, c.input(4), epsilon);
  const slope = g.op('Mul', [c.input(1), inverse]);
  const centred = () => g.op('Sub', [c.input(0), perChannel(c, c.input(3))]);
  const along = c.needs(1) || c.needs(4) ? total(g.op('Mul', [dy, centred()])) : undefined;
  const sum = c.needs(2) || c.needs(3) ? total(dy) : undefined;
  // dσ² = −½ γ (σ² + ε)^(−3/2) Σ dy(x − μ)
  const variance = () => {
    const cube = g.op('Mul', [slope, g.op('Mul', [inverse, inverse])]);
    return g.op('Mul', [g.op('Mul', [along!, cube]), g.scalar(-0.5, dy)]);
  };
  return [
    c.needs(0) ? g.op('Mul', [dy, perChannel(c, slope)]) : undefined,
    c.needs(1) ? g.op('Mul', [along!, inverse]) : undefined,
    c.needs(2) ? sum : undefined,
    c.needs(3) ? g.op('Neg', [g.op('Mul', [sum!, slope])]) : undefined,
    c.needs(4) ? variance() : undefined,
  ];
}

/**
 * Ba, Kiros and Hinton 2016. With x̂ the normalised input and ĝ = dy·γ, dx = (ĝ − mean ĝ − x̂·mean(ĝ·x̂))/σ over
 * the normalised axes.
 */
const layerNormalization: GradientRule = (c) => {
  const { g, dy } = c;
  const x = c.input(0);
  const rank = c.rank(0);
  const axes = Array.from({ length: rank }, (_, i) => i).slice(c.axis(c.int('axis', -1)));
  const centred = g.op('Sub', [x, meanOver(g, x, axes)]);
  const variance = meanOver(g, g.op('Mul', [centred, centred]), axes);
  const inverse = inverseDeviation(g, variance, c.float('epsilon', EPSILON));
  const normal = g.op('Mul', [centred, inverse]);
  const input = () => {
    const scaled = g.op('Mul', [dy, c.input(1)]);
    const along = g.op('Mul', [normal, meanOver(g, g.op('Mul', [scaled, normal]), axes)]);
    const left = g.op('Sub', [g.op('Sub', [scaled, meanOver(g, scaled, axes)]), along]);
    return g.op('Mul', [left, inverse]);
  };
  return [
    c.needs(0) ? input() : undefined,
    c.needs(1) ? sumTo(g, g.op('Mul', [dy, normal]), x.shape, c.input(1)) : undefined,
    c.needs(2) ? sumTo(g, dy, x.shape, c.input(2)) : undefined,
  ];
};

export const normalization: GradientRules = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
