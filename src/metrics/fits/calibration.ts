/** The whole calibration of a model from its predictions for labelled faces; each step is fitted on the results of those before. */
import {
  type ConformalInterval,
  calibrateFemale,
  calibrateYears,
  type DistributionCalibration,
  expectation,
  GENDERS,
  INTERVAL_COVERAGE,
  quantile,
} from '../../age/index.js';
import { type FaceTable, YEARS, yearsOf } from '../faces.js';
import { balancedWeights, foldsOf } from './balance.js';
import { crossValidatedBias } from './bias.js';
import { fitConformal } from './conformal.js';
import { crossValidatedLogWeights } from './log-weights.js';
import { fitSharpness } from './sharpness.js';
import { fitThreshold } from './threshold.js';

export interface CalibrationFit extends DistributionCalibration {
  readonly logWeights: readonly number[] | null;
  /** The threshold of P(female); null if one gender is missing. */
  readonly femaleFrom: number | null;
  /** Null if too few ages are known exactly; so is `bias`. */
  readonly interval: ConformalInterval | null;
  /** The number of faces that the distributions were fitted on. */
  readonly faces: number;
}

/** The minimum number of known ages to fit the bias, and of faces of each gender to fit the threshold. */
export const LEAST_FACES = 100;

export interface CalibrationOptions {
  /** How far rare ages count more than their share of the faces: 0 for every face the same, 1 for every age the same. */
  readonly balance?: number;
  /**
   * How many times likelier ages around 13 become, 1 or more, so that fewer minors are estimated as adults; more adults
   * are then estimated as minors. No bias is corrected then, since that would undo it.
   */
  readonly minors?: number;
  /** The minimum spread in years, for models of age groups, whose labels cannot tell the years inside apart. Default 0. */
  readonly spread?: number;
  /**
   * Chosen instead of fitted, and the spread with it. Below 1 the mean moves towards the likeliest years, which can lower its
   * error in years, while the distributions become too certain.
   */
  readonly temperature?: number;
}

/** The ages that `minors` favours: a Gaussian over the years. */
const FAVOURED = { age: 13, deviation: 4 } as const;

/**
 * The weights of years and the correction of bias are kept only if they help on faces that they were fitted without. The
 * interval holds its share of the faces as they are, whatever the balance.
 * @throws FitError if no face has both a distribution and a label
 */
export function fitCalibration(
  table: FaceTable,
  { balance = 0, minors = 1, spread: minSpread = 0, temperature: chosen }: CalibrationOptions = {},
): CalibrationFit {
  const weights = balancedWeights(table, balance);
  const { temperature, spread, faces } = fitSharpness(table, weights, minSpread, chosen);
  const fitted =
    faces < LEAST_FACES ? null : crossValidatedLogWeights(table, { temperature, spread }, weights);
  const logWeights = minors > 1 ? favouring(minors, fitted) : fitted;
  const sharp = { temperature, spread, logWeights, bias: null };
  const sharpened = calibrateTable(table, { ...sharp, femaleFrom: null });
  const exact = table.low.map((low, i) => (low === table.high[i] ? low : Number.NaN));
  const known = exact.filter((age, i) => !Number.isNaN(age) && !Number.isNaN(sharpened.mean[i]!)).length;
  const bias =
    known < LEAST_FACES || minors > 1
      ? null
      : crossValidatedBias(sharpened.mean, exact, weights, foldsOf(table));
  const calibration = { ...sharp, bias };
  const interval =
    known < LEAST_FACES
      ? null
      : fitConformal(calibrateTable(table, { ...calibration, femaleFrom: null }), INTERVAL_COVERAGE);
  return {
    ...calibration,
    femaleFrom: genderThreshold(table),
    interval: interval && { coverage: interval.coverage, widening: interval.widening },
    faces,
  };
}

/** Weights of years that make ages around 13 so many times likelier. */
function favouring(times: number, others: readonly number[] | null): number[] {
  return Array.from({ length: YEARS }, (_, year) => {
    const distance = (year - FAVOURED.age) / FAVOURED.deviation;
    const weight = Math.log(times) * Math.exp(-(distance ** 2) / 2) + (others?.[year] ?? 0);
    return Number(weight.toFixed(4));
  });
}

function genderThreshold({ female, gender }: FaceTable): number | null {
  const code = GENDERS.indexOf('female');
  const positive = gender.map((g, i) => (g < 0 || Number.isNaN(female[i]!) ? -1 : Number(g === code)));
  const count = (kind: number) => positive.filter((is) => is === kind).length;
  if (Math.min(count(0), count(1)) < LEAST_FACES) return null;
  const { threshold } = fitThreshold(female, positive);
  return threshold > 0 && threshold < 1 ? threshold : null;
}

/** The predictions of the calibrated model for the same faces. */
export function calibrateTable(
  table: FaceTable,
  calibration: DistributionCalibration & Pick<CalibrationFit, 'femaleFrom'>,
): FaceTable {
  const { femaleFrom } = calibration;
  const [mean, median] = [table.mean.slice(), table.median.slice()];
  const years = table.years?.slice();
  for (let i = 0; i < table.count; i++) {
    const before = yearsOf(table, i);
    if (before === undefined) continue;
    const after = calibrateYears(before, calibration);
    mean[i] = expectation(after);
    median[i] = quantile(after, 0.5);
    years!.set(after, i * YEARS);
  }
  const female = femaleFrom === null ? table.female : table.female.map((p) => calibrateFemale(p, femaleFrom));
  return { ...table, years, mean, median, female };
}
