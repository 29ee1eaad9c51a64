/**
 * Calibration: what a model says of an age, made to mean what it says. A distribution is tempered where the network is too
 * sure of itself or too cautious (Guo et al., ICML 2017, section 4.2, by probabilities p^(1/T) instead of logits), smoothed
 * where probability gathers in single years, and tilted by what estimates of its age are off by.
 */
import { OLDEST, YOUNGEST, yearClasses } from './classes.js';
import { type AgeDistribution, expectation, quantile, yearProbabilities } from './distribution.js';

export interface Sharpness {
  /** Above 1 for a network that is too sure, below 1 for one that is too cautious. */
  readonly temperature: number;
  /** The standard deviation of the Gaussian that each year's probability is spread by, in years; 0 for none. */
  readonly spread: number;
}

/** Estimates at some ages and what they are corrected to, linear between, the outermost correction beyond. */
export interface BiasCorrection {
  /** Estimated ages in years, upwards. */
  readonly knots: readonly number[];
  /** What each becomes, in years; never falling, so that no two faces change their order. */
  readonly ages: readonly number[];
}

/** What is done to a distribution, in this order: tempered, smoothed, its bias corrected. */
export interface DistributionCalibration extends Sharpness {
  readonly bias: BiasCorrection | null;
}

/** A calibrated distribution, over the years 0..100. */
export function calibrateDistribution(
  distribution: AgeDistribution,
  calibration: DistributionCalibration,
): AgeDistribution {
  return {
    classes: yearClasses(),
    probabilities: calibrateYears(yearProbabilities(distribution), calibration),
  };
}

/** Calibrated probabilities of the years 0..100, of sum 1. */
export function calibrateYears(years: ArrayLike<number>, calibration: DistributionCalibration): Float64Array {
  const sharpened = sharpen(years, calibration);
  return calibration.bias === null ? sharpened : unbias(sharpened, calibration.bias);
}

/** Probabilities whose mean is what it is corrected to: see `tilt`. */
export function unbias(years: Float64Array, bias: BiasCorrection): Float64Array {
  return tilt(years, correctBias(bias, expectation(years)));
}

/**
 * Of all distributions of a mean the nearest, by its Kullback-Leibler divergence: each year's probability times e^(λ year)
 * (Csiszár, Annals of Probability 3(1), 1975, "I-divergence geometry"). What is certain stays so, where a shift would move
 * it off its year. The mean is met as far as the years that are possible at all allow.
 */
export function tilt(years: Float64Array, mean: number): Float64Array {
  let [low, high, rate] = [-STEEPEST, STEEPEST, 0];
  let tilted = years;
  for (let step = 0; step < MOST_STEPS; step++) {
    const [at, variance] = moments(tilted);
    if (Math.abs(at - mean) < NEAR) break;
    if (at < mean) low = rate;
    else high = rate;
    // Newton's step, since the mean's slope is the variance, or half of what is left where that leads out of it.
    const next = rate + (mean - at) / variance;
    rate = next > low && next < high ? next : (low + high) / 2;
    tilted = tiltedBy(years, rate);
  }
  return tilted;
}

/** Rates of e^(λ year) looked at, how near in years the mean is met, and steps on the way. */
const STEEPEST = 20;
const NEAR = 1e-9;
const MOST_STEPS = 60;

function moments(years: Float64Array): readonly [mean: number, variance: number] {
  const mean = expectation(years);
  return [mean, years.reduce((sum, p, year) => sum + p * (year - mean) ** 2, 0)];
}

function tiltedBy(years: Float64Array, rate: number): Float64Array {
  const logs = years.map((p, year) => Math.log(p) + rate * year);
  return temperYears(logs, 1);
}

/** An estimate, corrected, in years. */
export function correctBias({ knots, ages }: BiasCorrection, estimate: number): number {
  const [k, share] = knotOf(knots, estimate);
  const correction = (n: number) => ages[n]! - knots[n]!;
  return estimate + (share === 0 ? correction(k) : (1 - share) * correction(k) + share * correction(k + 1));
}

/** The last knot at or below an age and how far the age lies towards the next; 0 beyond the outermost. */
export function knotOf(knots: readonly number[], age: number): readonly [knot: number, share: number] {
  const next = knots.findIndex((knot) => knot > age);
  if (next === 0) return [0, 0];
  if (next < 0) return [knots.length - 1, 0];
  return [next - 1, (age - knots[next - 1]!) / (knots[next]! - knots[next - 1]!)];
}

/** Probabilities of the years 0..100, tempered and smoothed; of sum 1. */
export function sharpen(years: ArrayLike<number>, { temperature, spread }: Sharpness): Float64Array {
  const tempered = temperYears(logarithms(years), temperature);
  if (spread === 0) return tempered;
  const kernel = spreadYears(spread);
  return tempered.map((_, year) => spreadProbability(tempered, kernel, year, year));
}

export const logarithms = (years: ArrayLike<number>): Float64Array =>
  Float64Array.from(years, (p) => Math.log(p));

/** p^(1/T) of sum 1, from logarithms. */
export function temperYears(logs: Float64Array, temperature: number): Float64Array {
  const highest = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = logs.map((log) => Math.exp((log - highest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((p) => p / sum);
}

/**
 * What a Gaussian spreads of each year's probability: `[below][from]`, the share of the year `from` that comes to lie
 * before the year `below`, 0..101. All of it stays in 0..100.
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

/** A model has one spread, and asks for it with every face. */
let lastKernel: { readonly spread: number; readonly below: readonly Float64Array[] } | undefined;

/** The probability of the years `low..high` once it is spread. */
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

/** Intervals that hold the true age of a stated share of faces like those that they were fitted on. */
export interface ConformalInterval {
  /** The share of faces whose age the interval holds. */
  readonly coverage: number;
  /** By how many years the central interval of that share is widened at both ends; below 0 where it is too wide. */
  readonly widening: number;
}

/** The interval of a face, in years within 0..100 unless widening is infinite; both ends the middle where narrowing crosses them. */
export function conformalInterval(
  years: Float64Array,
  { coverage, widening }: ConformalInterval,
): readonly [low: number, high: number] {
  const [low, high] = centralInterval(years, coverage);
  if (low - widening > high + widening) return [(low + high) / 2, (low + high) / 2];
  return [Math.max(0, low - widening), high + widening];
}

/** The ages between which `share` of the probability lies, as much of the rest below as above. */
export const centralInterval = (years: Float64Array, share: number): readonly [low: number, high: number] => [
  quantile(years, (1 - share) / 2),
  quantile(years, (1 + share) / 2),
];

/**
 * P(female), moved so that what was the threshold is ½: odds are divided by those of the threshold, as where classes are as
 * frequent elsewhere (Saerens, Latinne, Decaestecker, Neural Computation 14(1), 2002, equation 2.4).
 */
export function calibrateFemale(female: number, threshold: number): number {
  const [yes, no] = [female * (1 - threshold), (1 - female) * threshold];
  return yes / (yes + no);
}
