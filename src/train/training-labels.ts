/** Label smoothing and class weights, which training applies to labels and evaluation does not. */
import { type AgeClass, type AgeLabel, ageTarget, GENDERS, INTERVAL_SUM } from '../age/index.js';
import type { Gender, Labels } from '../data/index.js';
import type { Assembled } from './graph/index.js';
import { type Recipe, RecipeError } from './recipe/index.js';

export interface TrainingLabels {
  /** The share of a target spread evenly over all classes. */
  readonly smoothing: { readonly age: number; readonly gender: number };
  /** The weight of a face in a head's losses, by its label; 1 unless the recipe weights classes. */
  ageWeight(label: AgeLabel): number;
  genderWeight(label: Gender): number;
}

/**
 * @param labels of the training faces, from which balanced weights are counted
 * @throws RecipeError if a list of weights is not as long as there are classes, or a regression is to be smoothed.
 */
export function trainingLabels(
  { name, heads }: Recipe,
  { classes }: Pick<Assembled, 'classes'>,
  { ages, genders }: Pick<Labels, 'ages' | 'genders'>,
): TrainingLabels {
  const { age, gender } = heads;
  if (age?.kind === 'regression' && age.smoothing > 0) {
    throw new RecipeError(`Recipe '${name}': heads.age.smoothing: not for a head of kind 'regression'`);
  }
  const sharesOf = (label: AgeLabel) => shares(classes!, label);
  const ageWeights = weightsOf(age?.classWeights, classes?.length ?? 0, ages, sharesOf, (found) => {
    return new RecipeError(
      `Recipe '${name}': heads.age.classWeights: expected ${classes!.length} numbers, one for each class, found ${found}`,
    );
  });
  const genderWeights = weightsOf(gender?.classWeights, GENDERS.length, genders, genderShares);
  return {
    smoothing: { age: age?.smoothing ?? 0, gender: gender?.smoothing ?? 0 },
    ageWeight: (label) => (ageWeights ? product(sharesOf(label), ageWeights) : 1),
    genderWeight: (label) => (genderWeights ? product(genderShares(label), genderWeights) : 1),
  };
}

/**
 * Label smoothing: (1 − ε) · target + ε / K (Szegedy et al., "Rethinking the Inception Architecture", CVPR 2016,
 * section 7). Intervals, whose likelihood is a sum over classes, and missing labels stay unchanged.
 */
export function smoothed(target: Float32Array, smoothing: number): Float32Array {
  if (smoothing === 0) return target;
  const sum = target.reduce((a, b) => a + b, 0);
  if (sum === 0 || sum > INTERVAL_SUM) return target;
  return target.map((weight) => (1 - smoothing) * weight + smoothing / target.length);
}

/** A label's classes as shares that sum to 1: an interval is shared equally by the classes it covers. */
function shares(classes: readonly AgeClass[], label: AgeLabel): Float64Array {
  const target = Float64Array.from(ageTarget(classes, label));
  const sum = target.reduce((a, b) => a + b, 0);
  return target.map((weight) => weight / sum);
}

const genderShares = (label: Gender): Float64Array => Float64Array.from(GENDERS, (g) => Number(g === label));

const product = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, k) => sum + v * b[k]!, 0);

/** The listed weights, or balanced ones, N / (K · n_k), as in scikit-learn, over the K classes that occur. */
function weightsOf<T>(
  stated: 'balanced' | readonly number[] | undefined,
  count: number,
  labels: readonly (T | undefined)[],
  sharesOf: (label: T) => Float64Array,
  wrongLength: (found: number) => Error = (found) =>
    new RangeError(`expected ${count} weights, found ${found}`),
): Float64Array | undefined {
  if (stated === undefined) return undefined;
  if (stated !== 'balanced') {
    if (stated.length !== count) throw wrongLength(stated.length);
    return Float64Array.from(stated);
  }
  const counts = new Float64Array(count);
  let known = 0;
  for (const label of labels) {
    if (label === undefined) continue;
    known++;
    sharesOf(label).forEach((share, k) => {
      counts[k]! += share;
    });
  }
  const occurring = counts.filter((n) => n > 0).length;
  return counts.map((n) => (n > 0 ? known / (occurring * n) : 0));
}
