/**
 * The receiver operating characteristic: true and false positive rates as the threshold falls (Fawcett, Pattern
 * Recognition Letters 27(8), 2006). Equal scores pass together.
 */
import {
  type CellOrder,
  countCells,
  countsOfDraw,
  Draw,
  onceEach,
  orderByCell,
  type Weights,
} from './cells.js';
import { placeIn, type Statistic, sortedPlaces } from './measure.js';

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
  weights?: ArrayLike<number>,
): RocCurve {
  const [positives, negatives, thresholds] = [[0], [0], [Number.POSITIVE_INFINITY]];
  const places = descending(scores, positive);
  let [above, wrongly] = [0, 0];
  for (let n = 0; n < places.length; n++) {
    const i = places[n]!;
    const weight = weights === undefined ? 1 : weights[i]!;
    if (positive[i] === 1) above += weight;
    else wrongly += weight;
    if (scores[places[n + 1]!] === scores[i]) continue;
    positives.push(above);
    negatives.push(wrongly);
    thresholds.push(scores[i]!);
  }
  return {
    falsePositiveRate: negatives.map((count) => count / wrongly),
    truePositiveRate: positives.map((count) => count / above),
    thresholds,
  };
}

/**
 * The area under the curve: the probability that a positive face scores higher than a negative one, a tie counting half
 * (Hanley and McNeil, Radiology 143(1), 1982). NaN if either kind is missing. With weights and over 1024
 * distinct scores, neighbouring ones count as tied and the result is shifted to the exact area: the error is below 0.001.
 */
export function areaUnderCurve(scores: ArrayLike<number>, positive: ArrayLike<number>): Statistic {
  const areas = areasOf([{ scores, positive }]);
  return (weights) => areas(weights)[0]!;
}

/** With more distinct scores, neighbours are merged in draws of the bootstrap. */
const MOST_CELLS = 1024;

/** Scores `[N, K]` of faces of known classes (−1 leaves a face out), for each class against the rest. */
export interface ClassScores {
  readonly scores: ArrayLike<number>;
  readonly truth: ArrayLike<number>;
  readonly size: number;
}

/** The areas under the curves of classes. */
export interface ClassAreas {
  /** Each class against the rest; NaN if there are only faces of one kind. */
  readonly classes: readonly number[];
  /** The mean area of the classes that have one. */
  readonly macro: number;
  /** The area over all pairs of a face and a class. */
  readonly micro: number;
}

/** The areas of all classes, exact or not as that of `areaUnderCurve`. */
export function classAreas(of: ClassScores): (weights?: Weights) => ClassAreas {
  const areas = areasOf(Array.from({ length: of.size }, (_, k) => oneAgainstRest(of, k)));
  return (weights) => {
    const found = areas(weights);
    const classes = found.slice(0, of.size);
    const known = classes.filter((area) => !Number.isNaN(area));
    const macro = known.reduce((a, b) => a + b, 0) / known.length;
    return { classes, macro, micro: found[of.size]! };
  };
}

/** The scores of one class, and which faces belong to it. */
export function oneAgainstRest({ scores, truth, size }: ClassScores, k: number): ScoreColumn {
  const column = new Float64Array(truth.length);
  const positive = new Int8Array(truth.length);
  for (let i = 0; i < truth.length; i++) {
    column[i] = scores[i * size + k]!;
    positive[i] = truth[i]! < 0 ? -1 : Number(truth[i] === k);
  }
  return { scores: column, positive };
}

/** Scores, and which faces are positive (1), negative (0) or left out (−1). */
export interface ScoreColumn {
  readonly scores: ArrayLike<number>;
  readonly positive: ArrayLike<number>;
}

/** The area of each column of scores, and that of all columns together. */
function areasOf(columns: readonly ScoreColumn[]): (weights?: Weights) => number[] {
  const all = knownScores(columns);
  // One column by itself is also all together.
  const alone = columns.length === 1;
  const different = distinct(all);
  const ranks = columns.map((column) => scoreCells(column, different));
  const exact = exactAreas(ranks, different.length);
  const isExact = different.length <= MOST_CELLS;
  const starts = isExact
    ? different
    : distinct(
        Float64Array.from({ length: MOST_CELLS }, (_, c) => all[Math.floor((c * all.length) / MOST_CELLS)]!),
      );
  const cellOfRank = Int32Array.from(different, () => 0);
  for (let rank = 1, cell = 0; rank < different.length; rank++) {
    if (different[rank] === starts[cell + 1]) cell++;
    cellOfRank[rank] = cell;
  }
  const cells = ranks.map((own) =>
    occupiedCells(
      own.map((rank) => (rank < 0 ? -1 : 2 * cellOfRank[rank >> 1]! + (rank & 1))),
      starts.length,
    ),
  );
  const counted = (own: CellOrder, weights: Weights) => {
    const counts = new Float64Array(own.ends.length);
    countCells(own, weights, counts);
    return counts;
  };
  const together = new Float64Array(2 * starts.length);
  const grouped = (weights: Weights) => {
    together.fill(0);
    const areas = cells.map(({ own, pairs }) => {
      const count = weights instanceof Draw ? countsOfDraw(own, weights) : counted(own, weights);
      if (!alone) {
        for (let n = 0; n < pairs.length; n++) {
          together[2 * pairs[n]!]! += count[2 * n]!;
          together[2 * pairs[n]! + 1]! += count[2 * n + 1]!;
        }
      }
      return areaOfCells(count);
    });
    return [...areas, alone ? areas[0]! : areaOfCells(together)];
  };
  const off = isExact
    ? undefined
    : grouped(onceEach(columns[0]!.positive.length)).map((area, k) => exact[k]! - area);
  return (weights) => {
    if (weights === undefined) return exact;
    const areas = grouped(weights);
    return off === undefined ? areas : areas.map((area, k) => Math.min(1, Math.max(0, area + off[k]!)));
  };
}

/** The scores of the faces that count, in ascending order. */
function knownScores(columns: readonly ScoreColumn[]): Float64Array {
  const known = new Float64Array(columns.reduce((sum, { positive }) => sum + positive.length, 0));
  let count = 0;
  for (const { scores, positive } of columns) {
    for (let i = 0; i < positive.length; i++) {
      if (positive[i]! >= 0 && !Number.isNaN(scores[i]!)) known[count++] = scores[i]!;
    }
  }
  return known.subarray(0, count).sort();
}

const distinct = (sorted: Float64Array): Float64Array =>
  sorted.filter((score, n) => n === 0 || score !== sorted[n - 1]!);

/**
 * The area of each column, and that of all columns together.
 * @param ranks of each column, as `scoreCells` has them of all distinct scores, of which there are `size`
 */
function exactAreas(ranks: readonly Int32Array[], size: number): number[] {
  const together = new Float64Array(2 * size);
  const counts = new Float64Array(2 * size);
  const areas = ranks.map((own) => {
    counts.fill(0);
    for (const rank of own) {
      if (rank < 0) continue;
      counts[rank]!++;
      together[rank]!++;
    }
    return areaOfCells(counts);
  });
  return [...areas, areaOfCells(together)];
}

/**
 * The pairs of cells, of negatives and positives, that have any face, and the faces ordered by these pairs alone: a column
 * among others has faces in few of the cells of all.
 */
function occupiedCells(
  cells: Int32Array,
  size: number,
): { readonly own: CellOrder; readonly pairs: Int32Array } {
  const places = new Int32Array(size).fill(-1);
  for (const cell of cells) if (cell >= 0) places[cell >> 1] = 0;
  const pairs: number[] = [];
  for (let pair = 0; pair < size; pair++) if (places[pair] === 0) places[pair] = pairs.push(pair) - 1;
  const among = cells.map((cell) => (cell < 0 ? -1 : 2 * places[cell >> 1]! + (cell & 1)));
  return { own: orderByCell(among, 2 * pairs.length), pairs: Int32Array.from(pairs) };
}

/** Twice the place of each score among all distinct ones, plus one for a positive; −1 for faces left out. */
function scoreCells({ scores, positive }: ScoreColumn, different: Float64Array): Int32Array {
  const cells = new Int32Array(positive.length);
  for (let i = 0; i < cells.length; i++) {
    const [is, score] = [positive[i]!, scores[i]!];
    if (is < 0 || Number.isNaN(score)) {
      cells[i] = -1;
      continue;
    }
    cells[i] = 2 * placeIn(different, score) + is;
  }
  return cells;
}

/** The area if all scores of a cell are tied, from the counts of its negatives and positives. */
function areaOfCells(counts: ArrayLike<number>): number {
  let area = 0;
  let positives = 0;
  let negatives = 0;
  for (let cell = counts.length - 2; cell >= 0; cell -= 2) {
    area += counts[cell]! * (positives + counts[cell + 1]! / 2);
    negatives += counts[cell]!;
    positives += counts[cell + 1]!;
  }
  return area / (positives * negatives);
}

/** The indices of the faces that count, the highest score first. */
function descending(scores: ArrayLike<number>, positive: ArrayLike<number>): Int32Array {
  return sortedPlaces(scores)
    .filter((i) => positive[i]! >= 0)
    .reverse();
}
