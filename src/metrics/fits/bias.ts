/** The bias of estimates, by the estimate itself: which is all that is known when a face is judged. */

import { type BiasCorrection, correctBias, knotOf } from '../../age/index.js';
import { FOLDS } from './balance.js';

const BIAS_KNOTS: readonly number[] = [0, 10, 20, 30, 40, 50, 60, 70, 80];

/** How many faces without error each knot is fitted with besides, so that a few faces do not bend it. */
const PRIOR_FACES = 10;

/**
 * The correction with the least mean squared error, linear between knots: a ridge regression on hat functions. At most two
 * of them overlap at any age, so the normal equations are tridiagonal. Where the fit would decrease, neighbouring knots are
 * pooled (Ayer et al., Annals of Mathematical Statistics 26(4), 1955).
 * @param estimates in years; NaN leaves a face out
 * @param ages the true ones in years; NaN leaves a face out
 * @param weights how much each face counts; each the same if left out
 */
export function fitBias(
  estimates: ArrayLike<number>,
  ages: ArrayLike<number>,
  knots: readonly number[] = BIAS_KNOTS,
  weights?: ArrayLike<number>,
): BiasCorrection {
  const diagonal = knots.map(() => PRIOR_FACES);
  const beside = knots.map(() => 0);
  const right = knots.map(() => 0);
  for (let i = 0; i < estimates.length; i++) {
    const error = ages[i]! - estimates[i]!;
    if (Number.isNaN(error)) continue;
    const [k, share] = knotOf(knots, estimates[i]!);
    const weight = weights === undefined ? 1 : weights[i]!;
    diagonal[k]! += weight * (1 - share) ** 2;
    right[k]! += weight * (1 - share) * error;
    if (share === 0) continue;
    diagonal[k + 1]! += weight * share ** 2;
    beside[k]! += weight * share * (1 - share);
    right[k + 1]! += weight * share * error;
  }
  const corrections = solveTridiagonal(diagonal, beside, right);
  return {
    knots,
    ages: pooled(
      knots.map((knot, k) => knot + corrections[k]!),
      diagonal,
    ),
  };
}

/** The correction, if it lowers the weighted mean absolute error of faces that it was fitted without; null if it does not. */
export function crossValidatedBias(
  estimates: ArrayLike<number>,
  ages: ArrayLike<number>,
  weights: Float64Array,
  folds: Int32Array,
): BiasCorrection | null {
  let gained = 0;
  for (let fold = 0; fold < FOLDS; fold++) {
    const train = weights.map((weight, i) => (folds[i] === fold ? 0 : weight));
    const fit = fitBias(estimates, ages, BIAS_KNOTS, train);
    for (let i = 0; i < weights.length; i++) {
      const error = ages[i]! - estimates[i]!;
      if (folds[i] !== fold || Number.isNaN(error)) continue;
      gained += weights[i]! * (Math.abs(error) - Math.abs(ages[i]! - correctBias(fit, estimates[i]!)));
    }
  }
  return gained > 0 ? fitBias(estimates, ages, BIAS_KNOTS, weights) : null;
}

/** x of A x = b, A symmetric with `beside` next to its diagonal (Thomas's algorithm). */
function solveTridiagonal(
  diagonal: readonly number[],
  beside: readonly number[],
  b: readonly number[],
): number[] {
  const [pivots, x] = [[...diagonal], [...b]];
  for (let k = 1; k < x.length; k++) {
    const factor = beside[k - 1]! / pivots[k - 1]!;
    pivots[k]! -= factor * beside[k - 1]!;
    x[k]! -= factor * x[k - 1]!;
  }
  for (let k = x.length - 1; k >= 0; k--) {
    x[k] = (x[k]! - (k + 1 < x.length ? beside[k]! * x[k + 1]! : 0)) / pivots[k]!;
  }
  return x;
}

/** The never falling sequence nearest to `values` by weighted squares. */
function pooled(values: readonly number[], weights: readonly number[]): number[] {
  const blocks: { sum: number; weight: number; count: number }[] = [];
  values.forEach((value, k) => {
    let block = { sum: value * weights[k]!, weight: weights[k]!, count: 1 };
    for (;;) {
      const before = blocks.at(-1);
      if (before === undefined || before.sum / before.weight <= block.sum / block.weight) break;
      blocks.pop();
      block = {
        sum: before.sum + block.sum,
        weight: before.weight + block.weight,
        count: before.count + block.count,
      };
    }
    blocks.push(block);
  });
  return blocks.flatMap(({ sum, weight, count }) => Array<number>(count).fill(sum / weight));
}
