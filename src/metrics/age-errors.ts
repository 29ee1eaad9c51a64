/** Errors of estimated ages. */
import { type AgeLabel, BAND_STARTS, bandName, bandOf, OLDEST } from '../age/index.js';
import {
  type CellOrder,
  type CellValues,
  countCells,
  onceEach,
  orderByCell,
  sumCells,
  valuesByCell,
  type Weights,
} from './cells.js';
import type { Decoding, FaceTable } from './faces.js';
import { type Measure, orderedCells, quantileOfCells } from './measure.js';

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

/** The years of the cumulative scores of `errorFigures`, and their names. */
const YEARS_WITHIN = Array.from({ length: 11 }, (_, k) => k);
export const CUMULATIVE_SCORES: readonly string[] = YEARS_WITHIN.map((k) => `cs${k}`);

/**
 * - `mae`, `rmse`: the mean absolute error and the root of the mean squared error, in years.
 * - `bias`: the mean error in years, above 0 if faces are estimated too old.
 * - `medianError`: the median of the absolute errors, in years.
 * - `cs0` … `cs10`: the cumulative scores CS@k, the share of faces whose error is k years or less (Geng, Zhou,
 *   Smith-Miles, IEEE TPAMI 29(12), 2007, section 5.2).
 * - `macroMae`, with `bands`: the mean over age bands of each band's mean absolute error, so that the few old and young
 *   faces weigh as much as the many around 30. A band without faces is left out.
 * @param errors of `ageErrors`
 * @param bands of `ageBands`
 */
export function errorFigures(errors: Float64Array, bands?: Int32Array): Measure {
  const absolute = errors.map(Math.abs);
  // Cells serve the median and the cumulative scores: none has errors on both sides of a whole year.
  const cells = orderedCells(absolute, YEARS_WITHIN);
  const cellsWithin = YEARS_WITHIN.map((k) => cells.ends.filter((end) => cells.sorted[end - 1]! <= k).length);
  const bandOfFace = errors.map((error, i) => (Number.isNaN(error) ? -1 : (bands?.[i] ?? 0)));
  const byBand = orderByCell(bandOfFace, bandOfFace.reduce((a, b) => Math.max(a, b), 0) + 1);
  const sums = errorSums(byBand, errors);
  const once = onceEach(errors.length);
  return (weights = once) => {
    const counts = new Float64Array(cells.ends.length);
    countCells(cells, weights, counts);
    const { faces, absolutes, squares, signed, macro } = sums(weights);
    const figures: Record<string, number> = {
      mae: absolutes / faces,
      rmse: Math.sqrt(squares / faces),
      bias: signed / faces,
      medianError: quantileOfCells(cells, counts, weights, 0.5),
    };
    let [met, cell] = [0, 0];
    for (let k = 0; k < CUMULATIVE_SCORES.length; k++) {
      while (cell < cellsWithin[k]!) met += counts[cell++]!;
      figures[CUMULATIVE_SCORES[k]!] = met / faces;
    }
    if (bands !== undefined) figures.macroMae = macro;
    return figures;
  };
}

/** The sums over all faces of 1, |error|, error² and error, and the mean over bands of the mean |error|. */
function errorSums(bands: CellOrder, errors: Float64Array) {
  const size = bands.ends.length;
  const [distances, powers, signs] = [Math.abs, (error: number) => error ** 2, (error: number) => error].map(
    (of) => valuesByCell(bands, errors.map(of)),
  ) as [CellValues, CellValues, CellValues];
  const [counts, distance, square, sign] = Array.from({ length: 4 }, () => new Float64Array(size)) as Four;
  return (weights: Weights) => {
    countCells(bands, weights, counts);
    sumCells(distances, weights, distance);
    sumCells(powers, weights, square);
    sumCells(signs, weights, sign);
    let [faces, absolutes, squares, signed, macro, present] = [0, 0, 0, 0, 0, 0];
    for (let band = 0; band < size; band++) {
      if (counts[band] === 0) continue;
      faces += counts[band]!;
      absolutes += distance[band]!;
      squares += square[band]!;
      signed += sign[band]!;
      macro += distance[band]! / counts[band]!;
      present++;
    }
    return { faces, absolutes, squares, signed, macro: macro / present };
  };
}

type Four = [Float64Array, Float64Array, Float64Array, Float64Array];

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
