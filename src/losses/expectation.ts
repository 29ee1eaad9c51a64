/** Losses on the expected age, which is the estimate. */
import { float32, type GraphBuilder, type Value } from '../onnx/index.js';

/**
 * The range of ages that counts as correct for each sample, in years, two vectors `[N]`: equal for an exact age, else
 * both ends of the interval.
 */
export interface AgeRange {
  readonly low: Value;
  readonly high: Value;
}

/** The expectation Σ p_k · age_k (Rothe et al., IJCV 2018, equation 3) of probabilities `[N, K]`: `[N]`, in years. */
export function expectedAge(g: GraphBuilder, probabilities: Value, ages: ArrayLike<number>): Value {
  const column = g.constant(float32('', [ages.length, 1], Float32Array.from(ages)));
  return g.op('Squeeze', [g.op('MatMul', [probabilities, column]), g.ints([1])]);
}

/** How far an age lies above its range (negative if below, 0 inside): `[N]`, in years. */
export function ageError(g: GraphBuilder, age: Value, { low, high }: AgeRange): Value {
  const above = g.op('Relu', [g.op('Sub', [age, high])]);
  const below = g.op('Relu', [g.op('Sub', [low, age])]);
  return g.op('Sub', [above, below]);
}

/** |error| of an expected age `[N]`: `[N]`, in years (Gao et al., IJCAI 2018, equation 8). */
export const absoluteLoss = (g: GraphBuilder, age: Value, range: AgeRange): Value =>
  g.op('Abs', [ageError(g, age, range)]);

/**
 * Huber's loss (Annals of Mathematical Statistics 1964) of an expected age `[N]`: `[N]`, e²/2 up to an error of
 * `delta` years and delta·(|e| − delta/2) beyond.
 * @throws RangeError if `delta` is not positive.
 */
export function huberLoss(g: GraphBuilder, age: Value, range: AgeRange, delta: number): Value {
  if (!(delta > 0))
    throw new RangeError(`The bend of Huber's loss is expected above 0 years, found ${delta}`);
  const error = absoluteLoss(g, age, range);
  const near = g.op('Min', [error, g.scalar(delta)]);
  return g.op('Mul', [near, g.op('Sub', [error, g.op('Mul', [near, g.scalar(0.5)])])]);
}
