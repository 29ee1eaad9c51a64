/**
 * The receiver operating characteristic: how many are let through rightly and wrongly as the threshold falls (Fawcett,
 * Pattern Recognition Letters 27(8), 2006). Equal scores pass together.
 */
import { type Statistic, sortedPlaces, type Weights } from './measure.js';

export interface RocCurve {
  /** From (0, 0) to (1, 1), a point for each score that occurs: the shares that reach its threshold. */
  readonly falsePositiveRate: readonly number[];
  readonly truePositiveRate: readonly number[];
  /** From Infinity, at which nothing passes, downwards. */
  readonly thresholds: readonly number[];
}

/**
 * @param scores larger for what is likelier positive; NaN leaves a face out
 * @param positive whether a face is, 0 or 1; −1 leaves it out
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
 * (Hanley and McNeil, Radiology 143(1), 1982). NaN if one of the two kinds is missing.
 */
export function areaUnderCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): Statistic {
  return areaOf(scores, positive, 1);
}

/** @param perFace how many scores follow each other that share one face's weight */
function areaOf(scores: ArrayLike<number>, positive: ArrayLike<number>, perFace: number): Statistic {
  const places = descending(scores, positive);
  const faces = places.map((i) => Math.floor(i / perFace));
  const kinds = Int8Array.from(places, (i) => positive[i]!);
  const ends = Int8Array.from(places, (i, n) => Number(scores[places[n + 1]!] !== scores[i]));
  return (weights) => {
    let [area, p, n, positives, negatives] = [0, 0, 0, 0, 0];
    for (let at = 0; at < faces.length; at++) {
      const weight = weights === undefined ? 1 : weights[faces[at]!]!;
      if (kinds[at] === 1) positives += weight;
      else negatives += weight;
      if (ends[at] === 0) continue;
      area += ((negatives - n) * (positives + p)) / 2;
      p = positives;
      n = negatives;
    }
    return area / (p * n);
  };
}

/** Scores `[N, K]` of faces of known classes (−1 leaves a face out), each class told from the others. */
export interface ClassScores {
  readonly scores: ArrayLike<number>;
  readonly truth: ArrayLike<number>;
  readonly size: number;
}

/** The scores of one class and which faces are of it. */
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

/** The mean of the areas of the classes that have one. */
export function macroArea(areas: readonly number[]): number {
  const known = areas.filter((area) => !Number.isNaN(area));
  return known.reduce((a, b) => a + b, 0) / known.length;
}

/** The area under the curve of all pairs of a face and a class. */
export function microArea({ scores, truth, size }: ClassScores): Statistic {
  const own = Int8Array.from({ length: truth.length * size }, (_, i) => {
    const k = truth[Math.floor(i / size)]!;
    return k < 0 ? -1 : Number(k === i % size);
  });
  return areaOf(scores, own, size);
}

/** The places of the faces that count, the highest score first. */
function descending(scores: ArrayLike<number>, positive: ArrayLike<number>): Int32Array {
  return sortedPlaces(scores)
    .filter((i) => positive[i]! >= 0)
    .reverse();
}
