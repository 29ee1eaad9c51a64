/** Reliability: whether what is predicted with probability p is true that often, for P(age ≥ t) or any other probability. */
import { countCells, onceEach, orderByCell, sumCells, valuesByCell } from './cells.js';
import type { FaceTable } from './faces.js';
import type { Statistic } from './measure.js';

/** The default number of bins of equal width over 0..1. */
export const BINS = 10;

/** The faces with predicted probabilities in one range. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** The mean predicted probability, and the share of faces it is true of; NaN without faces. */
  readonly predicted: number;
  readonly true: number;
}

/**
 * A reliability diagram (DeGroot and Fienberg, The Statistician 32, 1983): bins of equal width that exclude their upper
 * ends, except the last.
 * @param probabilities NaN leaves a face out
 * @param outcomes 1 if true, 0 if not; −1 leaves a face out
 */
export function reliability(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  bins: number = BINS,
  weights?: ArrayLike<number>,
): Bin[] {
  const [counts, predicted, right] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < outcomes.length; i++) {
    const p = probabilities[i]!;
    if (outcomes[i]! < 0 || Number.isNaN(p)) continue;
    const bin = Math.min(bins - 1, Math.floor(p * bins));
    const weight = weights === undefined ? 1 : weights[i]!;
    counts[bin]! += weight;
    predicted[bin]! += weight * p;
    right[bin]! += weight * outcomes[i]!;
  }
  return Array.from(counts, (count, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    count,
    predicted: predicted[bin]! / count,
    true: right[bin]! / count,
  }));
}

/**
 * The expected calibration error Σ n_b / n · |predicted_b − true_b| over the bins of `reliability` (Naeini, Cooper,
 * Hauskrecht, AAAI 2015).
 */
export function calibrationError(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  bins: number = BINS,
): Statistic {
  // Twice the bin, plus one if true.
  const cells = Int32Array.from(outcomes, (outcome, i) => {
    const p = probabilities[i]!;
    return outcome < 0 || Number.isNaN(p) ? -1 : 2 * Math.min(bins - 1, Math.floor(p * bins)) + outcome;
  });
  const byOutcome = orderByCell(cells, 2 * bins);
  const byBin = { order: byOutcome.order, ends: byOutcome.ends.filter((_, cell) => cell % 2 === 1) };
  const stated = valuesByCell(byBin, probabilities);
  const counts = new Float64Array(2 * bins);
  const predicted = new Float64Array(bins);
  const once = onceEach(outcomes.length);
  return (weights = once) => {
    countCells(byOutcome, weights, counts);
    sumCells(stated, weights, predicted);
    let [total, error] = [0, 0];
    for (let bin = 0; bin < bins; bin++) {
      const right = counts[2 * bin + 1]!;
      total += counts[2 * bin]! + right;
      error += Math.abs(predicted[bin]! - right);
    }
    return error / total;
  };
}

/** Whether each face is `t` years old or older: 1, 0, or −1 if its label leaves it open. An interval includes its whole last year. */
export function reaches(table: FaceTable, t: number): Int8Array {
  const { low, high } = table;
  const result = new Int8Array(low.length);
  for (let i = 0; i < result.length; i++) result[i] = low[i]! >= t ? 1 : high[i]! < t ? 0 : -1;
  return result;
}
