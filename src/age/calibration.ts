/**
 * Calibration: makes a model's probabilities match observed frequencies. A distribution is tempered if the network is
 * over- or underconfident (Guo et al., ICML 2017, section 4.2, on probabilities p^(1/T) instead of logits), smoothed if
 * probability piles up on single years, and tilted to remove the bias of its mean.
 */
import { OLDEST, YOUNGEST, yearClasses } from './classes.js';
import { type AgeDistribution, expectation, quantile, yearProbabilities } from './distribution.js';

export interface Sharpness {
  /** Above 1 for an overconfident network, below 1 for an underconfident one. */
  readonly temperature: number;
  /** The standard deviation, in years, of the Gaussian that smooths each year's probability; 0 for none. */
  readonly spread: number;
  /** What is added to the logarithm of each year's tempered probability, for the years 0..100. */
  readonly logWeights?: readonly number[] | null;
}

/** Maps estimates to corrected ages: linear between knots, constant correction outside them. */
export interface BiasCorrection {
  /** Estimated ages in years, ascending. */
  readonly knots: readonly number[];
  /** The corrected age of each knot, in years; never decreasing, so that the order of faces is kept. */
  readonly ages: readonly number[];
}

/** The steps applied to a distribution, in this order: tempering, weights of years, smoothing, bias correction. */
export interface DistributionCalibration extends Sharpness {
  readonly bias: BiasCorrection | null;
}

/** A calibrated distribution, over the years 0..100. */
export function calibrateDistribution(
  distribution: AgeDistribution,
  calibration: DistributionCalibration,
): AgeDistribution {
  return {
    classes: YEAR_CLASSES,
    probabilities: calibrateYears(yearProbabilities(distribution), calibration),
  };
}

const YEAR_CLASSES = yearClasses();

/** Calibrated probabilities of the years 0..100, summing to 1. */
export function calibrateYears(years: ArrayLike<number>, calibration: DistributionCalibration): Float64Array {
  const sharpened = sharpen(years, calibration);
  return calibration.bias === null ? sharpened : unbias(sharpened, calibration.bias);
}

/** Probabilities whose mean is the corrected mean: see `tilt`. */
export function unbias(years: Float64Array, bias: BiasCorrection): Float64Array {
  return tilt(years, correctBias(bias, expectation(years)));
}

/**
 * The distribution with the given mean that is nearest by Kullback-Leibler divergence: each year's probability times
 * e^(λ year) (Csiszár, Annals of Probability 3(1), 1975, "I-divergence geometry"). A distribution on a single year
 * stays unchanged, which a shift would move. The mean is reached as far as the years with nonzero probability allow.
 */
export function tilt(years: Float64Array, mean: number): Float64Array {
  let [low, high, rate] = [-STEEPEST, STEEPEST, 0];
  const logs = logarithms(years);
  let tilted = years;
  for (let step = 0; step < MOST_STEPS; step++) {
    const [at, variance] = moments(tilted);
    if (Math.abs(at - mean) < NEAR) break;
    if (at < mean) low = rate;
    else high = rate;
    // Newton's step, as the mean's slope is the variance, or bisection if that step leaves the bracket.
    const next = rate + (mean - at) / variance;
    rate = next > low && next < high ? next : (low + high) / 2;
    tilted = temperYears(
      logs.map((log, year) => log + rate * year),
      1,
    );
  }
  return tilted;
}

/** The largest rate λ tried, the tolerance of the mean in years, and the number of steps. */
const STEEPEST = 20;
const NEAR = 1e-9;
const MOST_STEPS = 60;

function moments(years: Float64Array): readonly [mean: number, variance: number] {
  const mean = expectation(years);
  return [mean, years.reduce((sum, p, year) => sum + p * (year - mean) ** 2, 0)];
}

/** An estimate, corrected, in years. */
export function correctBias({ knots, ages }: BiasCorrection, estimate: number): number {
  const [k, share] = knotOf(knots, estimate);
  const correction = (n: number) => ages[n]! - knots[n]!;
  return estimate + (share === 0 ? correction(k) : (1 - share) * correction(k) + share * correction(k + 1));
}

/** The last knot at or below an age, and the age's position (0..1) on the way to the next knot; 0 outside the knots. */
export function knotOf(knots: readonly number[], age: number): readonly [knot: number, share: number] {
  const next = knots.findIndex((knot) => knot > age);
  if (next === 0) return [0, 0];
  if (next < 0) return [knots.length - 1, 0];
  return [next - 1, (age - knots[next - 1]!) / (knots[next]! - knots[next - 1]!)];
}

/** Probabilities of the years 0..100, tempered, weighted and smoothed; they sum to 1. */
export function sharpen(
  years: ArrayLike<number>,
  { temperature, spread, logWeights }: Sharpness,
): Float64Array {
  const tempered = temperYears(logarithms(years), temperature, logWeights);
  if (spread === 0) return tempered;
  const kernel = spreadYears(spread);
  return tempered.map((_, year) => spreadProbability(tempered, kernel, year, year));
}

export function logarithms(years: ArrayLike<number>): Float64Array {
  const logs = new Float64Array(years.length);
  for (let year = 0; year < logs.length; year++) logs[year] = Math.log(years[year]!);
  return logs;
}

/** p^(1/T) e^w, normalized to sum 1, from logarithms; w is 0 if left out. */
export function temperYears(
  logs: Float64Array,
  temperature: number,
  logWeights?: readonly number[] | null,
): Float64Array {
  // Loops, which take a third of the time of closures: this is done for every face.
  const powers = new Float64Array(logs.length);
  let highest = Number.NEGATIVE_INFINITY;
  for (let year = 0; year < powers.length; year++) {
    powers[year] = logs[year]! / temperature + (logWeights?.[year] ?? 0);
    highest = Math.max(highest, powers[year]!);
  }
  let sum = 0;
  for (let year = 0; year < powers.length; year++) {
    powers[year] = Math.exp(powers[year]! - highest);
    sum += powers[year]!;
  }
  for (let year = 0; year < powers.length; year++) powers[year]! /= sum;
  return powers;
}

/**
 * How a Gaussian spreads each year's probability: `[below][from]` is the share of the year `from` that ends up before
 * the year `below`, 0..101. All of it stays within 0..100.
 */
export function spreadYears(spread: number): readonly Float64Array[] {
  if (lastKernel?.spread === spread) return lastKernel.below;
  const below = Array.from({ length: OLDEST + 2 }, () => new Float64Array(OLDEST + 1));
  for (let from = YOUNGEST; from <= OLDEST; from++) {
    const shares = Float64Array.from({ length: OLDEST + 1 }, (_, to) =>
      Math.exp(-((to - from) ** 2) / (2 * spread ** 2)),
    );
    const sum = shares.reduce((a, b) => a + b, 0);
    for (let to = YOUNGEST; to <= OLDEST; to++) below[to + 1]![from] = below[to]![from]! + shares[to]! / sum;
  }
  lastKernel = { spread, below };
  return below;
}

/** Cached, since a model uses the same spread for every face. */
let lastKernel: { readonly spread: number; readonly below: readonly Float64Array[] } | undefined;

/** The probability of the years `low..high` after smoothing. */
export function spreadProbability(
  years: Float64Array,
  kernel: readonly Float64Array[],
  low: number,
  high: number,
): number {
  const [before, upTo] = [kernel[low]!, kernel[high + 1]!];
  let p = 0;
  for (let from = YOUNGEST; from <= OLDEST; from++) p += years[from]! * (upTo[from]! - before[from]!);
  return p;
}

/** Intervals that contain the true age of a stated share of faces like those they were fitted on. */
export interface ConformalInterval {
  /** The share of faces whose age lies in the interval. */
  readonly coverage: number;
  /** Years added to both ends of the central interval of that share; negative if that interval is too wide. */
  readonly widening: number;
}

/**
 * A face's interval in years, within 0..100 unless widening is infinite. If narrowing makes its ends cross, both become
 * the middle.
 */
export function conformalInterval(
  years: Float64Array,
  { coverage, widening }: ConformalInterval,
): readonly [low: number, high: number] {
  const [low, high] = centralInterval(years, coverage);
  if (low - widening > high + widening) return [(low + high) / 2, (low + high) / 2];
  return [Math.max(0, low - widening), high + widening];
}

/** The ages between which `share` of the probability lies, with equal probability below and above. */
export const centralInterval = (years: Float64Array, share: number): readonly [low: number, high: number] => [
  quantile(years, (1 - share) / 2),
  quantile(years, (1 + share) / 2),
];

/**
 * P(female), shifted so that the threshold becomes ½: the odds are divided by those of the threshold, as for a change
 * of class frequencies (Saerens, Latinne, Decaestecker, Neural Computation 14(1), 2002, equation 2.4).
 */
export function calibrateFemale(female: number, threshold: number): number {
  const [yes, no] = [female * (1 - threshold), (1 - female) * threshold];
  return yes / (yes + no);
}
