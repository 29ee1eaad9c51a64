/**
 * Mean-variance loss: Pan, Han, Shan, Chen, "Mean-Variance Loss for Deep Age Estimation from a Face", CVPR 2018. The
 * paper adds both to the cross-entropy, with factors 0.2 for the mean and 0.05 for the variance.
 */
import { float32, type GraphBuilder, type Value } from '../onnx/index.js';
import { type AgeRange, ageError, expectedAge } from './expectation.js';
import { asColumn, sumOfRows } from './rows.js';

/** Half the squared error of an expected age `[N]`: `[N]`, in years² (equation 4). */
export function meanLoss(g: GraphBuilder, age: Value, range: AgeRange): Value {
  const error = ageError(g, age, range);
  return g.op('Mul', [g.op('Mul', [error, error]), g.scalar(0.5)]);
}

/** The variance of probabilities `[N, K]` about their own mean: `[N]`, in years² (equation 6). */
export function varianceLoss(g: GraphBuilder, probabilities: Value, ages: ArrayLike<number>): Value {
  const mean = asColumn(g, expectedAge(g, probabilities, ages));
  const row = g.constant(float32('', [1, ages.length], Float32Array.from(ages)));
  const deviation = g.op('Sub', [row, mean]);
  return sumOfRows(g, g.op('Mul', [probabilities, g.op('Mul', [deviation, deviation])]));
}
