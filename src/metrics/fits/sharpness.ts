/** How sharp distributions should be, so that their probabilities are those of the truth: see `Sharpness`. */
import {
  logarithms,
  OLDEST,
  type Sharpness,
  spreadProbability,
  spreadYears,
  temperYears,
} from '../../age/index.js';
import { LEAST_PROBABILITY } from '../distribution-scores.js';
import { FitError } from '../error.js';
import { type FaceTable, yearsOf } from '../faces.js';

/** The ranges within which the fit looks. */
const TEMPERATURES = [0.2, 5] as const;
const MAX_SPREAD = 10;

/** How near to the best temperature (by its logarithm) and spread (in years) a fit ends. */
const NEAR = 1e-3;

export interface SharpnessFit extends Sharpness {
  /** The faces it was fitted on, and their mean negative log-likelihood before and after, in nats. */
  readonly faces: number;
  readonly nllBefore: number;
  readonly nll: number;
}

/**
 * The sharpness of the least mean negative log-likelihood of the labels, of intervals the sum of their years.
 * @param weights how much each face counts; each the same if left out
 * @param minSpread in years, up to 10
 * @param temperature chosen beforehand: the spread is then `minSpread`
 * @throws FitError where no face has both a distribution and a label
 */
export function fitSharpness(
  table: FaceTable,
  weights?: Float64Array,
  minSpread = 0,
  temperature?: number,
): SharpnessFit {
  const faces: { logs: Float64Array; low: number; high: number; weight: number }[] = [];
  const year = (age: number) => Math.min(OLDEST, Math.floor(age + 0.5));
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i);
    if (years === undefined || Number.isNaN(table.low[i]!)) continue;
    const [low, high] = [year(table.low[i]!), year(table.high[i]!)];
    faces.push({ logs: logarithms(years), low, high, weight: weights === undefined ? 1 : weights[i]! });
  }
  if (faces.length === 0) {
    const expected = 'faces with distributions and ages to fit it on';
    throw new FitError({ subject: 'A sharpness', expected, found: 'none' });
  }
  const total = faces.reduce((sum, { weight }) => sum + weight, 0);
  const loss = (distributions: readonly Float64Array[], spread: number) => {
    const kernel = spread === 0 ? undefined : spreadYears(spread);
    let sum = 0;
    faces.forEach(({ low, high, weight }, i) => {
      const years = distributions[i]!;
      let p = 0;
      if (kernel === undefined) for (let year = low; year <= high; year++) p += years[year]!;
      else p = spreadProbability(years, kernel, low, high);
      sum -= weight * Math.log(Math.max(LEAST_PROBABILITY, p));
    });
    return sum / total;
  };
  const tempered = (temperature: number) => faces.map(({ logs }) => temperYears(logs, temperature));
  const bestSpread = (logTemperature: number) => {
    const years = tempered(Math.exp(logTemperature));
    return least(minSpread, MAX_SPREAD, (spread) => [loss(years, spread), undefined]);
  };
  const before = { faces: faces.length, nllBefore: loss(tempered(1), 0) };
  if (temperature !== undefined) {
    return { ...before, temperature, spread: minSpread, nll: loss(tempered(temperature), minSpread) };
  }
  const best = least(Math.log(TEMPERATURES[0]), Math.log(TEMPERATURES[1]), (logTemperature) => {
    const found = bestSpread(logTemperature);
    return [found.value, found.at];
  });
  return { ...before, temperature: Math.exp(best.at), spread: best.beside!, nll: best.value };
}

/**
 * Where a function of one minimum in `low..high` is least, its ends included: golden section search (Kiefer,
 * Proceedings of the AMS 4(3), 1953).
 */
function least<T>(low: number, high: number, f: (x: number) => readonly [value: number, beside: T]) {
  const at = (x: number) => {
    const [value, beside] = f(x);
    return { at: x, value, beside };
  };
  const section = (Math.sqrt(5) - 1) / 2;
  let [from, to] = [low, high];
  let left = at(to - section * (to - from));
  let right = at(from + section * (to - from));
  while (to - from > NEAR) {
    if (left.value <= right.value) {
      to = right.at;
      right = left;
      left = at(to - section * (to - from));
    } else {
      from = left.at;
      left = right;
      right = at(from + section * (to - from));
    }
  }
  return [at(low), left, right, at(high)].reduce((best, x) => (x.value < best.value ? x : best));
}
