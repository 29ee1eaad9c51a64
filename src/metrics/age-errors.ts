/** Errors of estimated ages. */
import { type AgeLabel, BAND_STARTS, bandName, bandOf, OLDEST } from '../age/index.js';
import type { Decoding, FaceTable } from './faces.js';
import { type Measure, mean, quantileOf, type Statistic } from './measure.js';

/** The absolute error in years: 0 inside an interval. The true age counts, even if it is older than every class. */
export const yearsOff = (predicted: number, label: AgeLabel): number =>
  'from' in label
    ? Math.abs(signedError(predicted, label.from, label.to))
    : Math.abs(signedError(predicted, label.age, label.age));

/** The signed distance in years of an age from `low..high`: negative below, 0 inside. */
function signedError(predicted: number, low: number, high: number): number {
  if (predicted > high) return predicted - high;
  return predicted < low ? predicted - low : 0 * predicted;
}

/** The signed error of each estimate in years, negative if too young; NaN if estimate or label is missing. */
export function ageErrors(table: FaceTable, decoding: Decoding): Float64Array {
  return Float64Array.from(table[decoding], (age, i) =>
    Number.isNaN(table.low[i]!) ? Number.NaN : signedError(age, table.low[i]!, table.high[i]!),
  );
}

/** The largest k, in years, of the cumulative scores of `errorFigures`. */
const LARGEST_K = 10;

/**
 * - `mae`, `rmse`: the mean absolute error and the root of the mean squared error, in years.
 * - `bias`: the mean error in years, above 0 if faces are estimated too old.
 * - `medianError`: the median of the absolute errors, in years.
 * - `cs0` … `cs10`: the cumulative scores CS@k, the share of faces whose error is k years or less (Geng, Zhou,
 *   Smith-Miles, IEEE TPAMI 29(12), 2007, section 5.2).
 * @param errors of `ageErrors`
 */
export function errorFigures(errors: Float64Array): Measure {
  const absolute = errors.map(Math.abs);
  const median = quantileOf(absolute, 0.5);
  const filled = errors.map((error) => (Number.isNaN(error) ? 0 : error));
  // Faces without an error come last and are not counted.
  const cells = Uint8Array.from(absolute, (error) =>
    Number.isNaN(error) ? LARGEST_K + 2 : Math.min(LARGEST_K + 1, Math.ceil(error)),
  );
  return (weights) => {
    // One pass without branches, since the bootstrap calls this a thousand times.
    let [absolutes, squares, signed] = [0, 0, 0];
    const within = new Float64Array(LARGEST_K + 3);
    for (let i = 0; i < filled.length; i++) {
      const error = filled[i]!;
      const weight = weights === undefined ? 1 : weights[i]!;
      absolutes += weight * Math.abs(error);
      squares += weight * error * error;
      signed += weight * error;
      within[cells[i]!]! += weight;
    }
    const count = within.subarray(0, LARGEST_K + 2).reduce((a, b) => a + b, 0);
    const figures: Record<string, number> = {
      mae: absolutes / count,
      rmse: Math.sqrt(squares / count),
      bias: signed / count,
      medianError: median(weights),
    };
    let met = 0;
    for (let k = 0; k <= LARGEST_K; k++) {
      met += within[k]!;
      figures[`cs${k}`] = met / count;
    }
    return figures;
  };
}

/**
 * The ε-error of each face, 1 − exp(−(x − μ)² / 2σ²), where μ and σ are the mean and the standard deviation of what
 * people guessed: 0 where the estimate x meets μ (Escalera et al., ChaLearn Looking at People 2015, ICCV workshops,
 * equation 1). NaN if a label has no σ.
 */
export function epsilonErrors(table: FaceTable, decoding: Decoding): Float64Array {
  return Float64Array.from(
    table[decoding],
    (age, i) => 1 - Math.exp(-((age - table.low[i]!) ** 2) / (2 * table.std[i]! ** 2)),
  );
}

/** The age band of each face by its label, an interval's by its middle; −1 without a label. */
export function ageBands(table: FaceTable, starts: readonly number[] = BAND_STARTS): Int32Array {
  return Int32Array.from(table.low, (from, i) =>
    Number.isNaN(from) ? -1 : bandOf({ from, to: table.high[i]! }, starts),
  );
}

/** The names of the bands of `ageBands`. */
export const bandNames = (starts: readonly number[] = BAND_STARTS): string[] =>
  starts.map((_, band) => bandName(band, starts));

/**
 * The mean over bands of each band's mean absolute error, so that the few old and young faces weigh as much as the many
 * around 30. A band without faces is left out.
 */
export function macroError(errors: Float64Array, bands: Int32Array): Statistic {
  const count = Math.max(0, ...bands) + 1;
  return (weights) => {
    const sums = new Float64Array(count);
    const counts = new Float64Array(count);
    for (let i = 0; i < errors.length; i++) {
      const band = bands[i]!;
      if (band < 0 || Number.isNaN(errors[i]!)) continue;
      const weight = weights === undefined ? 1 : weights[i]!;
      sums[band]! += weight * Math.abs(errors[i]!);
      counts[band]! += weight;
    }
    return mean(sums.map((sum, band) => sum / counts[band]!))();
  };
}

/**
 * Whether each estimate, rounded to a year, lies within a label that is a range of years, 1 or 0; NaN if the label is
 * none. A range that ends at 100 or later is open.
 */
export function insideRange(table: FaceTable, decoding: Decoding): Float64Array {
  return Float64Array.from(table[decoding], (age, i) => {
    const [low, high] = [table.low[i]!, table.high[i]!];
    if (!(low < high) || Number.isNaN(age)) return Number.NaN;
    const year = Math.floor(age + 0.5);
    return Number(year >= low && (year <= high || high >= OLDEST));
  });
}
