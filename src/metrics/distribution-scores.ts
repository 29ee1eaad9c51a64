/** How well distributions are told, beside what is known of an age: proper scores, intervals, shape. */
import { OLDEST, quantile, YOUNGEST } from '../age/index.js';
import { type FaceTable, YEARS, yearsOf } from './faces.js';
import { type Measure, mean, measure } from './measure.js';

/** The least probability that `negativeLogLikelihood` takes the logarithm of: a float32 softmax may well give 0. */
export const LEAST_PROBABILITY = 1e-12;

/**
 * −ln P(label): of the year that an age rounds to, or of all years of an interval, within 0..100; nats. A year begins
 * half a year before its number, as a distribution spreads it.
 */
export function negativeLogLikelihood(years: ArrayLike<number>, low: number, high: number): number {
  const year = (age: number) => Math.min(OLDEST, Math.floor(age + 0.5));
  let p = 0;
  for (let y = year(low); y <= year(high); y++) p += years[y]!;
  return -Math.log(Math.max(LEAST_PROBABILITY, p));
}

/**
 * The continuous ranked probability score ∫ (F(y) − 1{y ≥ age})² dy in years, F being a step at each year: the absolute
 * error where all probability lies in one year (Gneiting and Raftery, JASA 102(477), 2007, equation 20).
 */
export function rankedProbabilityScore(years: ArrayLike<number>, age: number): number {
  let [score, below] = [0, 0];
  for (let year = YOUNGEST; year < OLDEST; year++) {
    below += years[year]!;
    // The part of year..year + 1 that lies below the age.
    const part = Math.min(1, Math.max(0, age - year));
    score += part * below ** 2 + (1 - part) * (1 - below) ** 2;
  }
  return score + Math.max(0, age - OLDEST);
}

/** The shares of probability of which `distributionFigures` looks at the central interval. */
export const COVERAGES = [0.5, 0.8, 0.9] as const;

/** A year that holds more than this of a face's probability is more than ages can be told by: labels have artefacts. */
export const SPIKE = 0.25;

/**
 * - `nll`: the mean negative log-likelihood, in nats.
 * - `crps`: the mean ranked probability score, in years, of faces whose age is known.
 * - `coverage90`, `width90` (and 80, 50): the share of known ages inside the central interval of that share of the
 *   probability, and its mean width in years.
 * - `peak`: the mean of the largest probability of a single year; `spiked`: the share of faces of which it is over 0.25.
 */
export function distributionFigures(table: FaceTable): Measure {
  const names = ['nll', 'crps', 'peak', 'spiked', ...COVERAGES.flatMap((c) => [coverage(c), width(c)])];
  const columns = new Map(
    names.map((name) => [name, new Float64Array(table.count).fill(Number.NaN)] as const),
  );
  const set = (name: string, face: number, value: number) => {
    columns.get(name)![face] = value;
  };
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i);
    if (years === undefined) continue;
    const peak = Math.max(...years);
    set('peak', i, peak);
    set('spiked', i, Number(peak > SPIKE));
    const [low, high] = [table.low[i]!, table.high[i]!];
    if (!Number.isNaN(low)) set('nll', i, negativeLogLikelihood(years, low, high));
    if (low === high) set('crps', i, rankedProbabilityScore(years, low));
    for (const share of COVERAGES) {
      const [from, to] = centralInterval(years, share);
      set(width(share), i, to - from);
      if (low === high) set(coverage(share), i, Number(from <= low && low <= to));
    }
  }
  return measure(Object.fromEntries([...columns].map(([name, values]) => [name, mean(values)])));
}

/** The ages between which `share` of the probability lies, as much of the rest below as above. */
export const centralInterval = (years: Float64Array, share: number): readonly [low: number, high: number] => [
  quantile(years, (1 - share) / 2),
  quantile(years, (1 + share) / 2),
];

/** P(age ≥ t) of each face: the probability of its years that are `t` or more. NaN where it has no distribution. */
export function probabilitiesAtLeast(table: FaceTable, t: number): Float64Array {
  const result = new Float64Array(table.count).fill(Number.NaN);
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i);
    if (years === undefined) continue;
    let sum = 0;
    for (let year = Math.max(YOUNGEST, Math.ceil(t)); year < YEARS; year++) sum += years[year]!;
    result[i] = Math.min(1, sum);
  }
  return result;
}

const percent = (share: number): number => Math.round(100 * share);
const coverage = (share: number): string => `coverage${percent(share)}`;
const width = (share: number): string => `width${percent(share)}`;
