/** Whether what is said with probability p is true as often: of P(age ≥ t), or of any other probability. */
import type { FaceTable } from './faces.js';
import type { Statistic, Weights } from './measure.js';

/** The number of bins of equal width over 0..1 if nothing else is asked for. */
export const BINS = 10;

/** The faces of which one range of probability was said. */
export interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** The mean of what was said, and how often it was true; NaN without faces. */
  readonly said: number;
  readonly true: number;
}

/**
 * A reliability diagram (DeGroot and Fienberg, The Statistician 32, 1983): bins of equal width, a bin without its upper
 * end, the last with it.
 * @param probabilities NaN leaves a face out
 * @param outcomes whether it was so, 0 or 1; −1 leaves a face out
 */
export function reliability(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  bins: number = BINS,
  weights?: Weights,
): Bin[] {
  const [counts, said, right] = [new Float64Array(bins), new Float64Array(bins), new Float64Array(bins)];
  for (let i = 0; i < outcomes.length; i++) {
    const p = probabilities[i]!;
    if (outcomes[i]! < 0 || Number.isNaN(p)) continue;
    const bin = Math.min(bins - 1, Math.floor(p * bins));
    const weight = weights === undefined ? 1 : weights[i]!;
    counts[bin]! += weight;
    said[bin]! += weight * p;
    right[bin]! += weight * outcomes[i]!;
  }
  return Array.from(counts, (count, bin) => ({
    from: bin / bins,
    to: (bin + 1) / bins,
    count,
    said: said[bin]! / count,
    true: right[bin]! / count,
  }));
}

/**
 * The expected calibration error Σ n_b / n · |said_b − true_b| over the bins of `reliability` (Naeini, Cooper,
 * Hauskrecht, AAAI 2015).
 */
export function calibrationError(
  probabilities: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  bins: number = BINS,
): Statistic {
  return (weights) => {
    let [total, error] = [0, 0];
    for (const bin of reliability(probabilities, outcomes, bins, weights)) {
      if (bin.count === 0) continue;
      total += bin.count;
      error += bin.count * Math.abs(bin.said - bin.true);
    }
    return error / total;
  };
}

/** Whether each face is `t` years old or older: 1, 0, or −1 where its label does not say. An interval's last year counts whole. */
export function reaches(table: FaceTable, t: number): Int8Array {
  return Int8Array.from(table.low, (low, i) => (low >= t ? 1 : table.high[i]! < t ? 0 : -1));
}
