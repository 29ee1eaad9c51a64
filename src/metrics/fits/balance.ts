/** How much each face counts in a fit, and which faces are left out together in cross-validation. */
import { OLDEST } from '../../age/index.js';
import { Random } from '../../random/index.js';
import { unitsOf } from '../bootstrap.js';
import type { FaceTable } from '../faces.js';

/** The standard deviation, in years, of the Gaussian that the histogram of ages is smoothed by. */
const SMOOTHING = 3;

/**
 * A weight for each face, of mean 1 over the labelled ones: its age's smoothed frequency to the power −`balance`. 0 counts
 * every face the same, 1 every age. 0 for faces without a label.
 */
export function balancedWeights({ low, high }: FaceTable, balance: number): Float64Array {
  const ages = Float64Array.from(low, (from, i) => Math.min(OLDEST, (from + high[i]!) / 2));
  const histogram = new Float64Array(OLDEST + 1);
  for (const age of ages) if (!Number.isNaN(age)) histogram[Math.round(age)]!++;
  const frequency = histogram.map((_, year) =>
    histogram.reduce((sum, n, y) => sum + n * Math.exp(-((y - year) ** 2) / (2 * SMOOTHING ** 2)), 0),
  );
  const weights = ages.map((age) => (Number.isNaN(age) ? 0 : frequency[Math.round(age)]! ** -balance));
  const mean = weights.reduce((a, b) => a + b, 0) / ages.filter((age) => !Number.isNaN(age)).length;
  return weights.map((weight) => weight / mean);
}

export const FOLDS = 5;

/** The fold of each face, 0..4, the same for all faces of a person; the same on every call. */
export function foldsOf(table: FaceTable): Int32Array {
  const { of, count } = unitsOf(table.count, table.columns.get('identity')?.codes);
  const random = new Random(0);
  const order = random.shuffle(Array.from({ length: count }, (_, unit) => unit));
  return of.map((unit) => order[unit]! % FOLDS);
}
