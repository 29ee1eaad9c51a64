/** Classes told rightly and wrongly, and the figures that follow. Names and corner cases are scikit-learn's. */
import type { Measure, Weights } from './measure.js';

/** How often a class (row) was told as a class (column). */
export interface ConfusionMatrix {
  readonly size: number;
  /** `[size, size]` */
  readonly counts: Float64Array;
}

/**
 * @param truth the class of each face, −1 if nobody knows: such a face is left out, as one that was told nothing
 * @param told the class that each face was told, −1 where none
 */
export function confusionMatrix(
  truth: ArrayLike<number>,
  told: ArrayLike<number>,
  size: number,
  weights?: Weights,
): ConfusionMatrix {
  const counts = new Float64Array(size * size);
  for (let i = 0; i < truth.length; i++) {
    if (truth[i]! < 0 || told[i]! < 0) continue;
    counts[truth[i]! * size + told[i]!]! += weights === undefined ? 1 : weights[i]!;
  }
  return { size, counts };
}

/** What is said of one class. A share of nothing counts as 0. */
export interface ClassFigures {
  /** Of the faces told to be of the class, the share that is. */
  readonly precision: number;
  /** Of the faces of the class, the share told so. */
  readonly recall: number;
  /** The harmonic mean of both. */
  readonly f1: number;
  /** The number of its faces. */
  readonly support: number;
  /** The number of faces told to be of it. */
  readonly told: number;
}

export function classFigures({ size, counts }: ConfusionMatrix): ClassFigures[] {
  return Array.from({ length: size }, (_, k) => {
    let [support, told] = [0, 0];
    for (let j = 0; j < size; j++) {
      support += counts[k * size + j]!;
      told += counts[j * size + k]!;
    }
    const right = counts[k * size + k]!;
    return {
      precision: share(right, told),
      recall: share(right, support),
      f1: share(2 * right, support + told),
      support,
      told,
    };
  });
}

/**
 * - `accuracy`: the share told rightly; `oneOff`: the share told rightly or as a neighbouring class, where classes have
 *   an order (Eidinger, Enbar, Hassner, IEEE TIFS 2014).
 * - `precision`, `recall`, `f1` as means over classes that have faces or were told (`macro…`), and weighted by their
 *   faces (`weighted…`).
 * - `balancedAccuracy`: the mean recall of the classes that have faces.
 */
export function matrixFigures(matrix: ConfusionMatrix): Readonly<Record<string, number>> {
  const { size, counts } = matrix;
  const classes = classFigures(matrix).filter((c) => c.support > 0 || c.told > 0);
  const total = classes.reduce((sum, c) => sum + c.support, 0);
  let [right, near] = [0, 0];
  for (let k = 0; k < size; k++) {
    right += counts[k * size + k]!;
    for (let j = Math.max(0, k - 1); j <= Math.min(size - 1, k + 1); j++) near += counts[k * size + j]!;
  }
  const macro = (of: 'precision' | 'recall' | 'f1') =>
    classes.reduce((sum, c) => sum + c[of], 0) / classes.length;
  const weighted = (of: 'precision' | 'recall' | 'f1') =>
    classes.reduce((sum, c) => sum + c.support * c[of], 0) / total;
  const present = classes.filter((c) => c.support > 0);
  return {
    accuracy: right / total,
    oneOff: near / total,
    balancedAccuracy: present.reduce((sum, c) => sum + c.recall, 0) / present.length,
    macroPrecision: macro('precision'),
    macroRecall: macro('recall'),
    macroF1: macro('f1'),
    weightedPrecision: weighted('precision'),
    weightedRecall: weighted('recall'),
    weightedF1: weighted('f1'),
  };
}

/** The figures of `matrixFigures` as a measure. */
export const classificationFigures =
  (truth: ArrayLike<number>, told: ArrayLike<number>, size: number): Measure =>
  (weights) =>
    matrixFigures(confusionMatrix(truth, told, size, weights));

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
