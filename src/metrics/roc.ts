/**
 * The receiver operating characteristic: true and false positive rates as the threshold falls (Fawcett, Pattern
 * Recognition Letters 27(8), 2006). Equal scores pass together.
 */
import { placeIn, type Statistic, sortedPlaces, type Weights } from './measure.js';

export interface RocCurve {
  /** From (0, 0) to (1, 1), a point for each distinct score: the shares that reach it. */
  readonly falsePositiveRate: readonly number[];
  readonly truePositiveRate: readonly number[];
  /** Descending from Infinity, at which nothing passes. */
  readonly thresholds: readonly number[];
}

/**
 * @param scores larger for faces more likely to be positive; NaN leaves a face out
 * @param positive 1 for a positive face, 0 for a negative one; −1 leaves it out
 */
export function rocCurve(
  scores: ArrayLike<number>,
  positive: ArrayLike<number>,
  weights?: Weights,
): RocCurve {
  const points: [positives: number, negatives: number, threshold: number][] = [
    [0, 0, Number.POSITIVE_INFINITY],
  ];
  const places = descending(scores, positive);
  let [above, wrongly] = [0, 0];
  places.forEach((i, n) => {
    const weight = weights === undefined ? 1 : weights[i]!;
    if (positive[i] === 1) above += weight;
    else wrongly += weight;
    if (scores[places[n + 1]!] !== scores[i]) points.push([above, wrongly, scores[i]!]);
  });
  const [positives, negatives] = points.at(-1)!;
  return {
    falsePositiveRate: points.map(([, n]) => n / negatives),
    truePositiveRate: points.map(([p]) => p / positives),
    thresholds: points.map(([, , score]) => score),
  };
}

/**
 * The area under the curve: the probability that a positive face scores higher than a negative one, a tie counting half
 * (Hanley and McNeil, Radiology 143(1), 1982). NaN if either kind is missing. With weights and over 1024
 * distinct scores, neighbouring ones count as tied and the result is shifted to the exact area: the error is below 0.001.
 */
export function areaUnderCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): Statistic {
  return areaOf(scores, positive, 1);
}

/** With more distinct scores, neighbours are merged in draws of the bootstrap. */
const MOST_CELLS = 1024;

/** @param perFace the number of consecutive scores that share one face's weight */
function areaOf(scores: ArrayLike<number>, positive: ArrayLike<number>, perFace: number): Statistic {
  const sorted = Float64Array.from(scores, (score, i) => (positive[i]! < 0 ? Number.NaN : score))
    .filter((score) => !Number.isNaN(score))
    .sort();
  const different = sorted.filter((score, n) => n === 0 || score !== sorted[n - 1]!);
  const exact = cellArea(scoreCells(scores, positive, different), different.length, perFace);
  const area = exact();
  if (different.length <= MOST_CELLS) return (weights) => (weights === undefined ? area : exact(weights));
  const step = sorted.length / MOST_CELLS;
  const edges = Float64Array.from({ length: MOST_CELLS }, (_, c) => sorted[Math.floor(c * step)]!);
  const starts = edges.filter((edge, c) => c === 0 || edge !== edges[c - 1]!);
  const grouped = cellArea(scoreCells(scores, positive, starts), starts.length, perFace);
  const off = area - grouped();
  return (weights) => (weights === undefined ? area : Math.min(1, Math.max(0, grouped(weights) + off)));
}

/** Twice the cell of each score (by the lowest scores in `starts`), plus one for a positive; past the last for faces left out. */
function scoreCells(
  scores: ArrayLike<number>,
  positive: ArrayLike<number>,
  starts: Float64Array,
): Uint16Array | Int32Array {
  // Short numbers where they will do: these lists are read a thousand times.
  const cells =
    2 * starts.length < 2 ** 16 ? new Uint16Array(positive.length) : new Int32Array(positive.length);
  for (let i = 0; i < cells.length; i++) {
    const [is, score] = [positive[i]!, scores[i]!];
    if (is < 0 || Number.isNaN(score)) {
      cells[i] = 2 * starts.length;
      continue;
    }
    const place = placeIn(starts, score);
    cells[i] = 2 * (starts[place] === score ? place : place - 1) + is;
  }
  return cells;
}

/** The area if all scores of a cell are tied. */
function cellArea(cells: Uint16Array | Int32Array, size: number, perFace: number): Statistic {
  return (weights) => {
    const counts = new Float64Array(2 * size + 1);
    for (let i = 0, face = 0; i < cells.length; face++) {
      const weight = weights === undefined ? 1 : weights[face]!;
      for (let k = 0; k < perFace; k++) counts[cells[i++]!]! += weight;
    }
    let [area, positives, negatives] = [0, 0, 0];
    for (let cell = size - 1; cell >= 0; cell--) {
      area += counts[2 * cell]! * (positives + counts[2 * cell + 1]! / 2);
      negatives += counts[2 * cell]!;
      positives += counts[2 * cell + 1]!;
    }
    return area / (positives * negatives);
  };
}

/** Scores `[N, K]` of faces of known classes (−1 leaves a face out), for each class against the rest. */
export interface ClassScores {
  readonly scores: ArrayLike<number>;
  readonly truth: ArrayLike<number>;
  readonly size: number;
}

/** The scores of one class, and which faces belong to it. */
export function oneAgainstRest({ scores, truth, size }: ClassScores, k: number) {
  const column = Float64Array.from(truth, (_, i) => scores[i * size + k]!);
  return { scores: column, positive: Int8Array.from(truth, (t) => (t < 0 ? -1 : Number(t === k))) };
}

/** The areas of all classes, each against the rest. */
export function classAreas(of: ClassScores): Statistic[] {
  return Array.from({ length: of.size }, (_, k) => {
    const { scores, positive } = oneAgainstRest(of, k);
    return areaUnderCurve(scores, positive);
  });
}

/** The mean area of the classes that have one. */
export function macroArea(areas: readonly number[]): number {
  const known = areas.filter((area) => !Number.isNaN(area));
  return known.reduce((a, b) => a + b, 0) / known.length;
}

/** The area under the curve over all pairs of a face and a class. */
export function microArea({ scores, truth, size }: ClassScores): Statistic {
  const own = Int8Array.from({ length: truth.length * size }, (_, i) => {
    const k = truth[Math.floor(i / size)]!;
    return k < 0 ? -1 : Number(k === i % size);
  });
  return areaOf(scores, own, size);
}

/** The indices of the faces that count, the highest score first. */
function descending(scores: ArrayLike<number>, positive: ArrayLike<number>): Int32Array {
  return sortedPlaces(scores)
    .filter((i) => positive[i]! >= 0)
    .reverse();
}
