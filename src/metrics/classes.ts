/** True and predicted classes of faces: ages by any class set, and gender. */
import { type AgeClass, type AgeLabel, ageTarget, GENDERS } from '../age/index.js';
import { type Decoding, type FaceTable, YEARS, yearsOf } from './faces.js';

/**
 * The indices of the classes that are right for a label. For an interval these are all classes that it covers more than
 * half of, and any that contains at least half of its years, so that classes may be cut differently from labels.
 */
export function rightClasses(classes: readonly AgeClass[], label: AgeLabel): number[] {
  const main = mainClass(classes, label);
  if (!('from' in label)) return [main];
  const oldest = classes.at(-1)!.to;
  const [low, high] = [Math.min(label.from, oldest), Math.min(label.to, oldest)];
  return classes.flatMap(({ from, to }, k) => {
    const shared = Math.min(high, to) - Math.max(low, from) + 1;
    const right = shared > (to - from + 1) / 2 || shared >= (high - low + 1) / 2;
    return right || k === main ? [k] : [];
  });
}

/** The index of the class that a label belongs to most; the youngest of equals. */
export function mainClass(classes: readonly AgeClass[], label: AgeLabel): number {
  const weights = ageTarget(classes, label);
  const least = Math.max(...weights) - 1e-6;
  return weights.findIndex((weight) => weight >= least);
}

/**
 * Of several right classes, the one that a predicted class is measured against: itself if it is among them, otherwise the
 * nearest, the younger of equals, so that a class beside a right one is one off.
 */
export function nearestClass(right: readonly number[], predicted: number): number {
  const off = right.map((k) => Math.abs(k - predicted));
  return right[off.indexOf(Math.min(...off))]!;
}

/**
 * The true class of each face; −1 without a label. If several are right, it is the one nearest to the predicted class, or,
 * without a prediction (−1), the one that the label belongs to most.
 * @param predicted the predicted classes; without them a face with several right classes is left out (−1)
 */
export function trueClasses(
  table: FaceTable,
  classes: readonly AgeClass[],
  predicted?: ArrayLike<number>,
): Int32Array {
  const known = new Map<string, { readonly right: readonly number[]; readonly main: number }>();
  const classesOf = (low: number, high: number) => {
    const key = `${low} ${high}`;
    const label = low === high ? { age: low } : { from: low, to: high };
    const found = known.get(key) ?? { right: rightClasses(classes, label), main: mainClass(classes, label) };
    known.set(key, found);
    return found;
  };
  return Int32Array.from(table.low, (low, i) => {
    if (Number.isNaN(low)) return -1;
    const { right, main } = classesOf(low, table.high[i]!);
    if (right.length === 1) return right[0]!;
    if (predicted === undefined) return -1;
    return predicted[i]! < 0 ? main : nearestClass(right, predicted[i]!);
  });
}

/**
 * The probability of each class `[N, K]`: the sum over its years. Years between two classes count for neither, so the sum
 * may be less than 1. NaN if a face has no distribution.
 */
export function classProbabilities(table: FaceTable, classes: readonly AgeClass[]): Float64Array {
  const result = new Float64Array(table.count * classes.length).fill(Number.NaN);
  const own = new Float64Array(YEARS);
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i, own);
    if (years === undefined) continue;
    classes.forEach(({ from, to }, k) => {
      let sum = 0;
      for (let year = from; year <= to; year++) sum += years[year]!;
      result[i * classes.length + k] = sum;
    });
  }
  return result;
}

/** The most probable class of each face, the youngest of equals; −1 without a prediction. */
export function likeliestClasses(probabilities: Float64Array, size: number): Int32Array {
  return Int32Array.from({ length: probabilities.length / size }, (_, i) => {
    let best = -1;
    for (let k = 0; k < size; k++) {
      const p = probabilities[i * size + k]!;
      if (best < 0 ? !Number.isNaN(p) : p > probabilities[i * size + best]!) best = k;
    }
    return best;
  });
}

/**
 * The class of each face's estimated age; between two classes, the nearer; −1 without an estimate.
 */
export function classesOfEstimates(
  table: FaceTable,
  decoding: Decoding,
  classes: readonly AgeClass[],
): Int32Array {
  const bounds = classes.slice(1).map((c, k) => (classes[k]!.to + c.from) / 2);
  return Int32Array.from(table[decoding], (age) =>
    Number.isNaN(age) ? -1 : bounds.filter((bound) => age >= bound).length,
  );
}

/** The threshold of P(female) for models without their own. */
export const FEMALE_FROM = 0.5;

/** The predicted gender of each face, as an index into `GENDERS`; −1 without a prediction. */
export function predictedGenders(table: FaceTable, threshold = FEMALE_FROM): Int32Array {
  const [female, male] = [GENDERS.indexOf('female'), GENDERS.indexOf('male')];
  return Int32Array.from(table.female, (p) => (Number.isNaN(p) ? -1 : p >= threshold ? female : male));
}
