/**
 * Ordinal regression: Cao, Mirjalili, Raschka, "Rank Consistent Ordinal Regression for Neural Networks with Application
 * to Age Estimation", Pattern Recognition Letters 2020 (CORAL). K classes make K − 1 binary tasks, "is the age above
 * class k?", whose logits share their weights and differ in their biases.
 */
import { float32, type GraphBuilder, type Value } from '../onnx/index.js';
import { binaryCrossEntropy } from './binary.js';
import { isInterval } from './cross-entropy.js';
import { sumOfRows } from './rows.js';

/**
 * The sum of the tasks' cross-entropies for logits `[N, K − 1]` against class weights `[N, K]` (see targets.ts): `[N]`,
 * in nats (equation 4 of the paper, all tasks weighted equally). For an age with a spread, a task's target is the
 * probability above the class. Tasks inside an interval are undecided and cost nothing.
 */
export function coralLoss(g: GraphBuilder, logits: Value, weights: Value): Value {
  const classes = logits.size(1) + 1;
  const above = g.op('MatMul', [weights, questions(g, classes, (j, k) => j > k)]);
  const below = g.op('MatMul', [weights, questions(g, classes, (j, k) => j <= k)]);
  const zero = g.scalar(0);
  const total = g.op('Add', [above, below]);
  const labelled = g.op('Greater', [total, zero]);
  const levels = g.op('Div', [above, g.op('Where', [labelled, total, g.scalar(1)])]);
  const between = g.op('And', [g.op('Greater', [above, zero]), g.op('Greater', [below, zero])]);
  const interval = g.op('Unsqueeze', [isInterval(g, weights), g.ints([1])]);
  const counts = g.op('And', [labelled, g.op('Not', [g.op('And', [interval, between])])]);
  return sumOfRows(g, g.op('Where', [counts, binaryCrossEntropy(g, logits, levels), zero]));
}

/**
 * The class probabilities, `[N, K]`, each row summing to 1, from the logits `[N, K − 1]`: P(k) = P(above k − 1) −
 * P(above k). The paper proves that biases descend at the optimum (theorem 1); before that, a difference may be
 * negative and counts as 0.
 */
export function coralDistribution(g: GraphBuilder, logits: Value): Value {
  const above = g.op('Sigmoid', [logits]);
  const one = g.ints([1]);
  const padded = (before: number, after: number, value: number) =>
    g.op('Pad', [above, g.ints([0, before, 0, after]), g.scalar(value)]);
  const difference = g.op('Relu', [g.op('Sub', [padded(1, 0, 1), padded(0, 1, 0)])]);
  return g.op('Div', [difference, g.op('ReduceSum', [difference, one], { keepdims: 1 })]);
}

/** A matrix `[K, K − 1]` that sums the class weights of each task. */
function questions(g: GraphBuilder, classes: number, belongs: (j: number, k: number) => boolean): Value {
  const values = Float32Array.from({ length: classes * (classes - 1) }, (_, i) =>
    Number(belongs(Math.floor(i / (classes - 1)), i % (classes - 1))),
  );
  return g.constant(float32('', [classes, classes - 1], values));
}
