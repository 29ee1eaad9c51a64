/**
 * The age distribution: a probability for each age class, from which all figures of an estimate are computed.
 *
 * A class spreads its probability evenly over its years, so each distribution is one over the years 0..100. As
 * a function of continuous age a year's probability lies evenly on year ± ½, so that the median and the
 * interval of a distribution that is symmetric about an age are symmetric about the same age as its mean.
 */
import { type AgeClass, OLDEST, YOUNGEST, yearClasses } from './classes.js';

export interface AgeDistribution {
  readonly classes: readonly AgeClass[];
  /** One for each class: nonnegative, summing to 1. */
  readonly probabilities: ArrayLike<number>;
}

/** The age distribution of a network that predicts only gender; every statistic of it is NaN. */
export const NO_AGES: AgeDistribution = { classes: [], probabilities: [] };

/** The probability of each year 0..100, normalized to sum 1. */
export function yearProbabilities({ classes, probabilities }: AgeDistribution): Float64Array {
  const years = new Float64Array(OLDEST + 1);
  let sum = 0;
  classes.forEach((c, i) => {
    const share = probabilities[i]! / (c.to - c.from + 1);
    sum += probabilities[i]!;
    for (let year = c.from; year <= c.to; year++) years[year]! += share;
  });
  for (let year = YOUNGEST; year <= OLDEST; year++) years[year]! /= sum;
  return years;
}

/** Summary statistics of a distribution, in years. */
export interface AgeStatistics {
  /** The expectation `Σ p_k · age_k`: the estimate of DEX (Rothe et al., IJCV 2018, equation 3). */
  readonly mean: number;
  /** The age with half of the probability below it: the estimate with the smallest expected absolute error. */
  readonly median: number;
  /** The most probable year; for a class of several years, its middle. */
  readonly mode: number;
  /** The standard deviation. */
  readonly std: number;
  /** The central interval with 90% of the probability. */
  readonly interval: readonly [low: number, high: number];
}

/** The share of the probability inside the interval of `ageStatistics`, half of the rest on each side. */
const INTERVAL_TAILS = 0.1;
export const INTERVAL_COVERAGE = 1 - INTERVAL_TAILS;

export function ageStatistics(distribution: AgeDistribution): AgeStatistics {
  if (distribution.classes.length === 0) {
    const nothing = Number.NaN;
    return { mean: nothing, median: nothing, mode: nothing, std: nothing, interval: [nothing, nothing] };
  }
  const years = yearProbabilities(distribution);
  const mean = expectation(years);
  return {
    mean,
    median: quantile(years, 0.5),
    mode: mode(distribution),
    std: Math.sqrt(years.reduce((sum, p, year) => sum + p * (year - mean) ** 2, 0)),
    interval: [quantile(years, INTERVAL_TAILS / 2), quantile(years, 1 - INTERVAL_TAILS / 2)],
  };
}

/** The expected year of probabilities over 0..100. */
export function expectation(years: Float64Array): number {
  return years.reduce((sum, p, year) => sum + p * year, 0);
}

/**
 * The age below which the share `q` (0..1) of the probability lies: the cumulative function, linear within
 * each year, inverted. Within 0..100.
 */
export function quantile(years: Float64Array, q: number): number {
  let below = 0;
  for (let year = YOUNGEST; year <= OLDEST; year++) {
    const p = years[year]!;
    if (p > 0 && below + p >= q) {
      return Math.min(OLDEST, Math.max(YOUNGEST, year - 0.5 + (q - below) / p));
    }
    below += p;
  }
  return OLDEST;
}

function mode({ classes, probabilities }: AgeDistribution): number {
  let best = 0;
  const density = (i: number) => probabilities[i]! / (classes[i]!.to - classes[i]!.from + 1);
  for (let i = 1; i < classes.length; i++) if (density(i) > density(best)) best = i;
  return (classes[best]!.from + classes[best]!.to) / 2;
}

/**
 * P(age ≥ t): the probability of the years that are `t` or more.
 * @throws TypeError if `t` is not a number
 * @example
 * const { faces: [face] } = structuredClone(await estimator.estimate('photo.jpg'));
 * probabilityAtLeast(face.distribution, 18); // 0.99, also of a clone, which has no methods
 */
export function probabilityAtLeast(distribution: AgeDistribution, t: number): number {
  if (typeof t !== 'number' || Number.isNaN(t)) {
    throw new TypeError(
      `t: expected an age in years, found ${typeof t === 'string' ? `the text '${t}'` : t}`,
    );
  }
  const years = yearProbabilities(distribution);
  let sum = 0;
  for (let year = Math.max(YOUNGEST, Math.ceil(t)); year <= OLDEST; year++) sum += years[year]!;
  return Math.min(1, sum);
}

/**
 * The mean of several distributions, for ensembles and test-time augmentation. If all have the same classes, so has the
 * mean; otherwise it is a distribution over the years 0..100.
 * @throws RangeError if the list is empty.
 */
export function averageDistributions(all: readonly AgeDistribution[]): AgeDistribution {
  if (all.length === 0) throw new RangeError('An average needs at least one distribution');
  // Networks that predict only gender are left out.
  const distributions = all.filter(({ classes }) => classes.length > 0);
  const [first] = distributions;
  if (first === undefined) return NO_AGES;
  if (distributions.length === 1) return first;
  if (distributions.every((d) => sameClasses(d.classes, first.classes))) {
    return { classes: first.classes, probabilities: mean(distributions.map((d) => d.probabilities)) };
  }
  return {
    classes: yearClasses(),
    probabilities: mean(distributions.map(yearProbabilities)),
  };
}

function sameClasses(a: readonly AgeClass[], b: readonly AgeClass[]): boolean {
  return a === b || (a.length === b.length && a.every((c, i) => c.from === b[i]!.from && c.to === b[i]!.to));
}

function mean(vectors: readonly ArrayLike<number>[]): Float64Array {
  const result = new Float64Array(vectors[0]!.length);
  for (const v of vectors) for (let i = 0; i < result.length; i++) result[i]! += v[i]! / vectors.length;
  return result;
}

/** A class of several years, and its probability. */
export interface AgeGroup extends AgeClass {
  readonly probability: number;
}

/** The most probable group of a distribution over groups, the answer of a classifier; undefined of one over years, or of none. */
export function likeliestGroup({ classes, probabilities }: AgeDistribution): AgeGroup | undefined {
  if (!areGroups(classes)) return undefined;
  let best = 0;
  for (let i = 1; i < classes.length; i++) if (probabilities[i]! > probabilities[best]!) best = i;
  return { ...classes[best]!, probability: probabilities[best]! };
}

/** Whether classes are groups and no years: one of them has several. */
export const areGroups = (classes: readonly AgeClass[]): boolean => classes.some(({ from, to }) => to > from);
