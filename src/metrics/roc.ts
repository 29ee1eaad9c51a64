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
  descend(scores, descending(scores, positive), positive, weights, (positives, negatives, score) =>
    points.push([positives, negatives, score]),
  );
  const [positives, negatives] = points.at(-1)!;
  return {
    falsePositiveRate: points.map(([, n]) => n / negatives),
    truePositiveRate: points.map(([p]) => p / positives),
    thresholds: points.map(([, , score]) => score),
  };
}

/**
 * The area under the curve: the probability that a positive face scores higher than a negative one, a tie counting half
 * (Hanley and McNeil, Radiology 143(1), 1982). NaN where one of the two kinds is missing.
 */
export function areaUnderCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): Statistic {
  const places = descending(scores, positive);
  return (weights) => {
    let [area, p, n] = [0, 0, 0];
    descend(scores, places, positive, weights, (positives, negatives) => {
      area += ((negatives - n) * (positives + p)) / 2;
      [p, n] = [positives, negatives];
    });
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
export function macroArea(of: ClassScores): Statistic {
  const areas = classAreas(of);
  return (weights) => {
    const known = areas.map((area) => area(weights)).filter((area) => !Number.isNaN(area));
    return known.reduce((a, b) => a + b, 0) / known.length;
  };
}

/** All pairs of a face and a class as one list, of which those of a face's own class are the positives. */
export function pairsOfClasses({ scores, truth, size }: ClassScores) {
  const positive = Int8Array.from({ length: truth.length * size }, (_, i) => {
    const own = truth[Math.floor(i / size)]!;
    return own < 0 ? -1 : Number(own === i % size);
  });
  return { scores, positive };
}

/** The area under the curve of all pairs of a face and a class. */
export function microArea(of: ClassScores): Statistic {
  const { scores, positive } = pairsOfClasses(of);
  const area = areaUnderCurve(scores, positive);
  return (weights) =>
    area(weights && Float64Array.from(positive, (_, i) => weights[Math.floor(i / of.size)]!));
}

/** The places of the faces that count, the highest score first. */
function descending(scores: ArrayLike<number>, positive: ArrayLike<number>): Int32Array {
  return sortedPlaces(scores)
    .filter((i) => positive[i]! >= 0)
    .reverse();
}

/** Calls `each` after every score with how many positives and negatives reach it. */
function descend(
  scores: ArrayLike<number>,
  places: Int32Array,
  positive: ArrayLike<number>,
  weights: Weights | undefined,
  each: (positives: number, negatives: number, score: number) => void,
): void {
  let [positives, negatives] = [0, 0];
  for (let n = 0; n < places.length; n++) {
    const i = places[n]!;
    const weight = weights === undefined ? 1 : weights[i]!;
    if (positive[i] === 1) positives += weight;
    else negatives += weight;
    if (n + 1 === places.length || scores[places[n + 1]!] !== scores[i]) {
      each(positives, negatives, scores[i]!);
    }
  }
}
