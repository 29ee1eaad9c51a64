/**
 * A smooth weight for each year's probability, p(y) e^w(y) normalized: what a classifier needs whose classes were more or
 * less frequent in training (Saerens, Latinne, Decaestecker, Neural Computation 14(1), 2002), or the bias of vector scaling
 * (Guo et al., ICML 2017, section 4.2), held smooth by a penalty.
 */
import {
  calibrateYears,
  expectation,
  logarithms,
  OLDEST,
  type Sharpness,
  spreadYears,
  temperYears,
} from '../../age/index.js';
import { yearsOff } from '../age-errors.js';
import { negativeLogLikelihood } from '../distribution-scores.js';
import { type FaceTable, YEARS, yearsOf } from '../faces.js';
import { FOLDS, foldsOf } from './balance.js';

/** w is linear between knots this many years apart. */
const KNOT_YEARS = 5;
const KNOTS = OLDEST / KNOT_YEARS + 1;

/** The penalties tried, on half the squared second differences of w at the knots. */
const PENALTIES: readonly number[] = [1e-3, 1e-2, 1e-1];
/** The weight of a small penalty on w² / 2, which determines the constant that otherwise makes no difference. */
const RIDGE = 1e-4;
const RIDGE_SHARE = 0.01;

const MOST_STEPS = 30;
const NEAR = 1e-7;
const DIGITS = 4;

/** The knot below each year, and the year's position (0..1) on the way to the next. */
const PLACES = Array.from({ length: YEARS }, (_, year) => {
  const knot = Math.min(KNOTS - 2, Math.floor(year / KNOT_YEARS));
  return [knot, year / KNOT_YEARS - knot] as const;
});

interface Face {
  /** Logarithms of the tempered probabilities. */
  readonly logs: Float64Array;
  /** P(label | year) of each year. */
  readonly likelihood: Float64Array;
  readonly weight: number;
}

/**
 * The w (101 numbers) that minimizes the weighted mean negative log-likelihood of the labels plus the penalty, after
 * `sharpness`: by Newton's method, with the covariance of the hat functions as its Hessian.
 * @param weights how much each face counts; 0 leaves it out
 */
export function fitLogWeights(
  table: FaceTable,
  sharpness: Sharpness,
  weights: Float64Array,
  penalty: number,
): number[] {
  const faces = facesOf(table, sharpness, weights);
  const total = faces.reduce((sum, { weight }) => sum + weight, 0);
  const penalties = penaltyMatrix(penalty);
  let knots = new Array<number>(KNOTS).fill(0);
  for (let step = 0; step < MOST_STEPS; step++) {
    const gradient = penalties.map((row) => row.reduce((sum, p, k) => sum + p * knots[k]!, 0));
    const hessian = penalties.map((row) => [...row]);
    const w = yearWeights(knots);
    for (const face of faces) addFace(face, w, face.weight / total, gradient, hessian);
    const change = solve(hessian, gradient);
    knots = knots.map((value, k) => value - change[k]!);
    if (Math.max(...change.map(Math.abs)) < NEAR) break;
  }
  return yearWeights(knots).map((value) => Number(value.toFixed(DIGITS)));
}

/**
 * The weights of the penalty with the best held-out likelihood, if on held-out faces they lower both the negative
 * log-likelihood and the mean absolute error; null if none does.
 */
export function crossValidatedLogWeights(
  table: FaceTable,
  sharpness: Sharpness,
  weights: Float64Array,
): number[] | null {
  const folds = foldsOf(table);
  const without = heldOut(table, weights, folds, () => sharpness);
  const tried = PENALTIES.map((penalty) => {
    const score = heldOut(table, weights, folds, (train) => ({
      ...sharpness,
      logWeights: fitLogWeights(table, sharpness, train, penalty),
    }));
    return { penalty, ...score };
  });
  const better = tried.filter(({ nll, mae }) => nll < without.nll && mae < without.mae);
  if (better.length === 0) return null;
  const best = better.reduce((a, b) => (b.nll < a.nll ? b : a));
  return fitLogWeights(table, sharpness, weights, best.penalty);
}

/** Weighted means over faces of what was fitted without their fold. */
function heldOut(
  table: FaceTable,
  weights: Float64Array,
  folds: Int32Array,
  sharpnessOf: (train: Float64Array) => Sharpness,
): { readonly nll: number; readonly mae: number } {
  let [nll, error, total] = [0, 0, 0];
  for (let fold = 0; fold < FOLDS; fold++) {
    const found = sharpnessOf(weights.map((weight, i) => (folds[i] === fold ? 0 : weight)));
    for (let i = 0; i < table.count; i++) {
      const weight = weights[i]!;
      const years = folds[i] === fold && weight > 0 ? yearsOf(table, i) : undefined;
      if (years === undefined) continue;
      const [from, to] = [table.low[i]!, table.high[i]!];
      const calibrated = calibrateYears(years, { ...found, bias: null });
      nll += weight * negativeLogLikelihood(calibrated, from, to);
      error += weight * yearsOff(expectation(calibrated), { from, to });
      total += weight;
    }
  }
  return { nll: nll / total, mae: error / total };
}

function facesOf(table: FaceTable, { temperature, spread }: Sharpness, weights: Float64Array): Face[] {
  const kernel = spread === 0 ? undefined : spreadYears(spread);
  const year = (age: number) => Math.min(OLDEST, Math.floor(age + 0.5));
  return Array.from(weights).flatMap((weight, i) => {
    const years = weight > 0 ? yearsOf(table, i) : undefined;
    if (years === undefined) return [];
    const [low, high] = [year(table.low[i]!), year(table.high[i]!)];
    const likelihood = years.map((_, y) =>
      kernel === undefined ? Number(low <= y && y <= high) : kernel[high + 1]![y]! - kernel[low]![y]!,
    );
    return [{ logs: logarithms(years).map((log) => log / temperature), likelihood, weight }];
  });
}

/** Adds a face's share of the gradient and of the Hessian. */
function addFace(
  { logs, likelihood }: Face,
  w: readonly number[],
  share: number,
  gradient: number[],
  hessian: number[][],
): void {
  const predicted = temperYears(logs, 1, w);
  const labelled = predicted.reduce((sum, p, year) => sum + p * likelihood[year]!, 0);
  const means = new Array<number>(KNOTS).fill(0);
  for (let year = 0; year < YEARS; year++) {
    const p = predicted[year]!;
    const [k, on] = PLACES[year]!;
    means[k]! += p * (1 - on);
    means[k + 1]! += p * on;
    hessian[k]![k]! += share * p * (1 - on) ** 2;
    hessian[k]![k + 1]! += share * p * on * (1 - on);
    hessian[k + 1]![k]! += share * p * on * (1 - on);
    hessian[k + 1]![k + 1]! += share * p * on ** 2;
    // A label that has no probability at all cannot be made likelier.
    const excess = p * (labelled > 0 ? 1 - likelihood[year]! / labelled : 0);
    gradient[k]! += share * excess * (1 - on);
    gradient[k + 1]! += share * excess * on;
  }
  for (let i = 0; i < KNOTS; i++) {
    const row = hessian[i]!;
    for (let j = 0; j < KNOTS; j++) row[j]! -= share * means[i]! * means[j]!;
  }
}

const yearWeights = (knots: readonly number[]): number[] =>
  PLACES.map(([k, on]) => (1 - on) * knots[k]! + on * knots[k + 1]!);

function penaltyMatrix(penalty: number): number[][] {
  const matrix = Array.from({ length: KNOTS }, (_, i) =>
    Array.from({ length: KNOTS }, (_, j) => (i === j ? RIDGE + RIDGE_SHARE * penalty : 0)),
  );
  const difference = [1, -2, 1];
  for (let k = 0; k + 2 < KNOTS; k++) {
    for (const [i, a] of difference.entries())
      for (const [j, b] of difference.entries()) matrix[k + i]![k + j]! += penalty * a * b;
  }
  return matrix;
}

/** x of A x = b, A symmetric and positive definite: Gaussian elimination needs no pivoting. */
function solve(matrix: readonly (readonly number[])[], b: readonly number[]): number[] {
  const [rows, x] = [matrix.map((row) => [...row]), [...b]];
  for (let k = 0; k < x.length; k++) {
    for (let i = k + 1; i < x.length; i++) {
      const factor = rows[i]![k]! / rows[k]![k]!;
      for (let j = k; j < x.length; j++) rows[i]![j]! -= factor * rows[k]![j]!;
      x[i]! -= factor * x[k]!;
    }
  }
  for (let k = x.length - 1; k >= 0; k--) {
    for (let j = k + 1; j < x.length; j++) x[k]! -= rows[k]![j]! * x[j]!;
    x[k]! /= rows[k]![k]!;
  }
  return x;
}
