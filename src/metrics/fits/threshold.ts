/** The threshold of a binary decision, such as that of P(female). */
import { FitError } from '../error.js';
import { rocCurve } from '../roc.js';

/**
 * The threshold of the best balanced accuracy, (true positive rate + true negative rate) / 2 (Youden, Cancer 3(1), 1950):
 * halfway between the scores that it lies between; of several as good ones that nearest to ½.
 * @param scores in 0..1; NaN leaves a face out
 * @param positive 1 or 0; −1 leaves a face out
 * @throws FitError if faces of one kind are missing
 */
export function fitThreshold(
  scores: ArrayLike<number>,
  positive: ArrayLike<number>,
): { readonly threshold: number; readonly balancedAccuracy: number } {
  const { truePositiveRate, falsePositiveRate, thresholds } = rocCurve(scores, positive);
  if (Number.isNaN(truePositiveRate.at(-1)!) || Number.isNaN(falsePositiveRate.at(-1)!)) {
    throw new FitError({
      subject: 'A threshold',
      expected: 'faces of both kinds to fit it on',
      found: 'one kind',
    });
  }
  return thresholds
    .map((score, i) => ({
      threshold: (Math.min(1, score) + (thresholds[i + 1] ?? 0)) / 2,
      balancedAccuracy: (1 + truePositiveRate[i]! - falsePositiveRate[i]!) / 2,
    }))
    .reduce((best, x) =>
      x.balancedAccuracy > best.balancedAccuracy ||
      (x.balancedAccuracy === best.balancedAccuracy &&
        Math.abs(x.threshold - 0.5) < Math.abs(best.threshold - 0.5))
        ? x
        : best,
    );
}
