/** Confusion matrices and their figures. Names and corner cases are scikit-learn's. */
import { countCells, onceEach, orderByCell, type Weights } from './cells.js';
import type { Measure } from './measure.js';

/** Counts by true class (row) and predicted class (column). */
export interface ConfusionMatrix {
  readonly size: number;
  /** `[size, size]` */
  readonly counts: Float64Array;
}

/**
 * The matrix as a function of weights.
 * @param truth the true class of each face, −1 if unknown
 * @param predicted the predicted class, −1 if there is none; a face with either −1 is left out
 */
export function confusions(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  size: number,
): (weights?: Weights) => ConfusionMatrix {
  const own = Int32Array.from(truth, (is, i) =>
    is < 0 || predicted[i]! < 0 ? -1 : is * size + predicted[i]!,
  );
  const cells = orderByCell(own, size * size);
  const once = onceEach(own.length);
  return (weights = once) => {
    const counts = new Float64Array(size * size);
    countCells(cells, weights, counts);
    return { size, counts };
  };
}

/** The matrix of all faces. */
export const confusionMatrix = (
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  size: number,
  weights?: Weights,
): ConfusionMatrix => confusions(truth, predicted, size)(weights);

/** The figures of one class. A share of nothing counts as 0. */
export interface ClassFigures {
  /** Of the faces predicted to be of the class, the share that is. */
  readonly precision: number;
  /** Of the faces of the class, the share predicted so. */
  readonly recall: number;
  /** The harmonic mean of precision and recall. */
  readonly f1: number;
  /** The number of faces of the class. */
  readonly support: number;
  /** The number of faces predicted to be of the class. */
  readonly predicted: number;
}

export function classFigures({ size, counts }: ConfusionMatrix): ClassFigures[] {
  return Array.from({ length: size }, (_, k) => {
    let [support, predicted] = [0, 0];
    for (let j = 0; j < size; j++) {
      support += counts[k * size + j]!;
      predicted += counts[j * size + k]!;
    }
    const right = counts[k * size + k]!;
    return {
      precision: share(right, predicted),
      recall: share(right, support),
      f1: share(2 * right, support + predicted),
      support,
      predicted,
    };
  });
}

/**
 * - `accuracy`: the share predicted rightly; `oneOff`: the share predicted rightly or as a neighbouring class, for classes
 *   with an order (Eidinger, Enbar, Hassner, IEEE TIFS 2014).
 * - `precision`, `recall`, `f1` as means over classes that have faces or were predicted (`macro…`), and weighted by the
 *   number of faces (`weighted…`).
 * - `balancedAccuracy`: the mean recall of the classes that have faces.
 * @param ofClasses the matrix's `classFigures`, if they are known
 */
export function matrixFigures(
  { size, counts }: ConfusionMatrix,
  ofClasses: readonly ClassFigures[] = classFigures({ size, counts }),
): Readonly<Record<string, number>> {
  const classes = ofClasses.filter((c) => c.support > 0 || c.predicted > 0);
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
export function classificationFigures(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  size: number,
): Measure {
  const matrix = confusions(truth, predicted, size);
  return (weights) => matrixFigures(matrix(weights));
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
