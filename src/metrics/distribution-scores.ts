/** Scores of predicted distributions: proper scores, coverage of intervals, shape. */
import { centralInterval, OLDEST, YOUNGEST } from '../age/index.js';
import { type FaceTable, YEARS, yearsOf } from './faces.js';
import { type Measure, means } from './measure.js';

/** The minimum probability that `negativeLogLikelihood` takes the logarithm of: a float32 softmax may give 0. */
export const LEAST_PROBABILITY = 1e-12;

/**
 * −ln P(label) in nats: of the year that an age rounds to, or of all years of an interval, within 0..100. A year starts
 * half a year before its number, as in the continuous form of a distribution.
 */
export function negativeLogLikelihood(years: ArrayLike<number>, low: number, high: number): number {
  const year = (age: number) => Math.min(OLDEST, Math.floor(age + 0.5));
  let p = 0;
  for (let y = year(low); y <= year(high); y++) p += years[y]!;
  return -Math.log(Math.max(LEAST_PROBABILITY, p));
}

/**
 * The continuous ranked probability score ∫ (F(y) − 1{y ≥ age})² dy in years, F being a step at each year: the absolute
 * error if all probability lies in one year (Gneiting and Raftery, JASA 102(477), 2007, equation 20).
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

/** The shares of probability whose central intervals `distributionFigures` measures. */
const COVERAGES = [0.5, 0.8, 0.9] as const;

/** No age can be estimated so precisely: a year with more probability than this points to artefacts of labels. */
const SPIKE = 0.25;

/**
 * Figures of distributions, by the labels that they need:
 * - `shape`, none: `peak`, the mean of the largest probability of a single year; `spiked`, the share of faces for which
 *   it is over 0.25; `width90` (and 80, 50), the mean width of the central interval with that share of the probability,
 *   in years.
 * - `likelihood`, any label: `nll`, the mean negative log-likelihood in nats.
 * - `knownAge`, a known age: `crps`, the mean ranked probability score in years; `coverage90` (and 80, 50), the share of
 *   ages inside the central interval.
 */
export function distributionFigures(
  table: FaceTable,
): Readonly<Record<'shape' | 'likelihood' | 'knownAge', Measure>> {
  const { shape, likelihood, knownAge } = scoreColumns(distributionScores(table));
  return { shape: means(shape), likelihood: means(likelihood), knownAge: means(knownAge) };
}

/** The values for each face whose means are `distributionFigures`; NaN if unknown. */
export interface DistributionScores {
  readonly peak: Float64Array;
  readonly spiked: Float64Array;
  readonly nll: Float64Array;
  readonly crps: Float64Array;
  /** In the order of `COVERAGES`. */
  readonly widths: readonly Float64Array[];
  readonly coverages: readonly Float64Array[];
}

/** The scores of the faces at some indices. */
export function selectScores(scores: DistributionScores, places: ArrayLike<number>): DistributionScores {
  const pick = (column: Float64Array) =>
    Float64Array.from({ length: places.length }, (_, i) => column[places[i]!]!);
  const { peak, spiked, nll, crps, widths, coverages } = scores;
  return {
    peak: pick(peak),
    spiked: pick(spiked),
    nll: pick(nll),
    crps: pick(crps),
    widths: widths.map(pick),
    coverages: coverages.map(pick),
  };
}

export function distributionScores(table: FaceTable): DistributionScores {
  const column = () => new Float64Array(table.count).fill(Number.NaN);
  const [peak, spiked, nll, crps] = [column(), column(), column(), column()];
  const intervals = COVERAGES.map((share) => ({ share, width: column(), coverage: column() }));
  const own = new Float64Array(YEARS);
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i, own);
    if (years === undefined) continue;
    let most = 0;
    for (let year = 0; year < YEARS; year++) most = Math.max(most, years[year]!);
    peak[i] = most;
    spiked[i] = Number(peak[i]! > SPIKE);
    const [low, high] = [table.low[i]!, table.high[i]!];
    if (!Number.isNaN(low)) nll[i] = negativeLogLikelihood(years, low, high);
    if (low === high) crps[i] = rankedProbabilityScore(years, low);
    for (const { share, width, coverage } of intervals) {
      const [from, to] = centralInterval(years, share);
      width[i] = to - from;
      if (low === high) coverage[i] = Number(from <= low && low <= to);
    }
  }
  return {
    peak,
    spiked,
    nll,
    crps,
    widths: intervals.map(({ width }) => width),
    coverages: intervals.map(({ coverage }) => coverage),
  };
}

/** The columns of scores whose means are the figures of `distributionFigures`, by their names. */
export function scoreColumns({
  peak,
  spiked,
  nll,
  crps,
  widths,
  coverages,
}: DistributionScores): Readonly<
  Record<'shape' | 'likelihood' | 'knownAge', Readonly<Record<string, Float64Array>>>
> {
  const named = (name: string, columns: readonly Float64Array[]) =>
    Object.fromEntries(COVERAGES.map((share, c) => [`${name}${Math.round(100 * share)}`, columns[c]!]));
  return {
    shape: { peak, spiked, ...named('width', widths) },
    likelihood: { nll },
    knownAge: { crps, ...named('coverage', coverages) },
  };
}

/** P(age ≥ t) of each face: the probability of the years from `t` on. NaN without a distribution. */
export function probabilitiesAtLeast(table: FaceTable, t: number): Float64Array {
  const result = new Float64Array(table.count).fill(Number.NaN);
  const own = new Float64Array(YEARS);
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i, own);
    if (years === undefined) continue;
    let sum = 0;
    for (let year = Math.max(YOUNGEST, Math.ceil(t)); year < YEARS; year++) sum += years[year]!;
    result[i] = Math.min(1, sum);
  }
  return result;
}
