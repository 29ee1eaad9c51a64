/**
 * Targets: an age label as one weight for each class. One vector serves every kind of label:
 *
 * - A distribution, of sum 1: an exact age (one class alone) or an age with a spread (a Gaussian).
 * - An interval: the share of each class's years that lies inside, divided by the largest share. The likelihood of
 *   such a label is the sum of the probabilities inside, which a common factor changes by a constant only.
 *
 * The sum distinguishes them: an interval over several classes contains a 1 and other weights, so it sums to more than
 * 1 (see `INTERVAL_SUM`); within one class both are the same vector. All zeros mean no label.
 *
 * Class k receives the ages from halfway to the class before up to halfway to the class after: for the years 20, 21 and
 * 22 the middle class covers 20.5..21.5, as DEX rounds labels. The last class also takes all older ages.
 */
import { type AgeClass, YOUNGEST } from './classes.js';

/** An age label, in years: an exact age, a mean and standard deviation, or both ends of a range. */
export type AgeLabel =
  | { readonly age: number; readonly std?: number }
  | { readonly from: number; readonly to: number };

/**
 * Weights that sum to more than this belong to an interval. The smallest possible share besides the largest is 1/101: a
 * class of all years, one of which lies inside.
 */
export const INTERVAL_SUM = 1.005;

/**
 * The class weights of a label, one for each class, in 0..1.
 * @throws RangeError for a negative age or one that is not a number, a negative spread, or a reversed range.
 * @example
 * ageTarget(yearClasses(), { from: 20, to: 22 }).slice(19, 24); // Float32Array(5) [ 0, 1, 1, 1, 0 ]
 */
export function ageTarget(classes: readonly AgeClass[], label: AgeLabel): Float32Array {
  if ('from' in label) return intervalTarget(classes, label.from, label.to);
  return label.std ? spreadTarget(classes, label.age, label.std) : exactTarget(classes, label.age);
}

/** One-hot at the class of the age, as DEX trains (Rothe et al., IJCV 2018). */
export function exactTarget(classes: readonly AgeClass[], age: number): Float32Array {
  const weights = new Float32Array(classes.length);
  weights[classOf(classes, checkedAge(age))] = 1;
  return weights;
}

/**
 * The probability of each class under a Gaussian, for apparent ages: the mean and the standard deviation of several
 * people's guesses (Escalera et al., ChaLearn LAP 2015). Ages below 0 do not exist: the Gaussian's probability there is
 * distributed over the others.
 */
function spreadTarget(classes: readonly AgeClass[], age: number, std: number): Float32Array {
  checkedAge(age);
  if (!(std > 0)) throw new RangeError(`The spread of an age must be above 0 years, found ${std}`);
  const below = (bound: number) => normalCumulative((bound - age) / std);
  const bounds = classes.map((_, k) => (k === 0 ? YOUNGEST - 0.5 : boundary(classes, k)));
  const cumulative = [...bounds.map(below), 1];
  const total = 1 - cumulative[0]!;
  return Float32Array.from(classes, (_, k) => Math.max(0, cumulative[k + 1]! - cumulative[k]!) / total);
}

/** The share of each class's years within `from..to`, both included, divided by the largest. */
export function intervalTarget(classes: readonly AgeClass[], from: number, to: number): Float32Array {
  checkedAge(from);
  checkedAge(to);
  if (from > to) throw new RangeError(`A range of ages must go upwards, found ${from} to ${to}`);
  const oldest = classes.at(-1)!.to;
  const [low, high] = [Math.min(from, oldest), Math.min(to, oldest)];
  const shares = classes.map((c) => {
    const years = Math.min(high, c.to) - Math.max(low, c.from) + 1;
    return Math.min(1, Math.max(0, years / (c.to - c.from + 1)));
  });
  const largest = Math.max(...shares);
  // A range between two classes, or below the first.
  if (largest === 0) return exactTarget(classes, (low + high) / 2);
  return Float32Array.from(shares, (share) => share / largest);
}

/**
 * The range of ages that counts as correct for a label, in years: both ends are the age if it is exact, else `from` and
 * `to`. Limited to the classes, since a network cannot predict older ages.
 */
export function ageRange(
  classes: readonly AgeClass[],
  label: AgeLabel,
): readonly [low: number, high: number] {
  const [youngest, oldest] = [classes[0]!, classes.at(-1)!].map(middle) as [number, number];
  const within = (age: number) => Math.min(oldest, Math.max(youngest, checkedAge(age)));
  return 'from' in label ? [within(label.from), within(label.to)] : [within(label.age), within(label.age)];
}

/** The age of each class in an expectation, in years: its middle. */
export const classAges = (classes: readonly AgeClass[]): Float32Array => Float32Array.from(classes, middle);

const middle = (c: AgeClass): number => (c.from + c.to) / 2;

/** The lower age limit of class `k`'s labels. */
const boundary = (classes: readonly AgeClass[], k: number): number =>
  (classes[k - 1]!.to + classes[k]!.from) / 2;

function classOf(classes: readonly AgeClass[], age: number): number {
  let k = classes.length - 1;
  while (k > 0 && age < boundary(classes, k)) k--;
  return k;
}

function checkedAge(age: number): number {
  if (!(age >= 0 && age < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`An age must be a number of years from 0 upwards, found ${age}`);
  }
  return age;
}

/**
 * P(X ≤ z) of the standard normal distribution, by the complementary error function as Chebyshev fit of relative
 * error 1.2e-7 (Press et al., Numerical Recipes in C, 2nd edition, section 6.2, erfcc).
 */
function normalCumulative(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const tail =
    (t / 2) * Math.exp(-x * x + CHEBYSHEV.reduceRight((sum, coefficient) => sum * t + coefficient, 0));
  return z < 0 ? tail : 1 - tail;
}

const CHEBYSHEV = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
];
