/**
 * Intervals that hold the true age of a stated share of faces for any network, if the faces are distributed like those it
 * was fitted on: split conformal prediction (Vovk, Gammerman, Shafer, Algorithmic Learning in a Random
 * World, 2005), on the central interval of the distribution (Romano, Patterson, Candès, NeurIPS 2019, equations 6 and 7).
 * Several data sets count the same, whatever their sizes, by weights (Tibshirani, Barber, Candès, Ramdas, NeurIPS 2019).
 */
import { type ConformalInterval, centralInterval, conformalInterval } from '../../age/index.js';
import { type FaceTable, yearsOf } from '../faces.js';

export interface ConformalFit extends ConformalInterval {
  /** The faces it was fitted on. */
  readonly faces: number;
}

/**
 * On faces whose age is known and that have a distribution. The widening is Infinity if they are too few.
 * @param table with a column `set` if they are from several data sets
 */
export function fitConformal(table: FaceTable, coverage: number): ConformalFit {
  const scores: number[] = [];
  const sets: number[] = [];
  const setOf = table.columns.get('set')?.codes;
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i);
    const age = table.low[i]!;
    if (years === undefined || age !== table.high[i]) continue;
    const [low, high] = centralInterval(years, coverage);
    scores.push(Math.max(low - age, age - high));
    sets.push(setOf?.[i] ?? 0);
  }
  return { coverage, widening: conformalQuantile(scores, coverage, evenWeights(sets)), faces: scores.length };
}

/** A weight for each face, of mean 1, whose sums are the same for all sets. */
function evenWeights(sets: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const set of sets) counts.set(set, (counts.get(set) ?? 0) + 1);
  return sets.map((set) => sets.length / (counts.size * counts.get(set)!));
}

/**
 * The least score up to which the weights of the scores make up the share `coverage` of all weights and that of a new face,
 * which is 1; Infinity if there is none. With weights of 1 it is the ⌈(n + 1) · coverage⌉-th smallest of n scores.
 */
export function conformalQuantile(
  scores: readonly number[],
  coverage: number,
  weights: readonly number[] = scores.map(() => 1),
): number {
  const wanted = (weights.reduce((sum, weight) => sum + weight, 0) + 1) * coverage - ROUNDING;
  const order = scores.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  let sum = 0;
  for (const i of order) {
    sum += weights[i]!;
    if (sum >= wanted) return scores[i]!;
  }
  return Number.POSITIVE_INFINITY;
}

/** (9 + 1) · 0.9 is an integer, in doubles or not. */
const ROUNDING = 1e-6;

/**
 * Whether each face's known age lies in its interval (1 or 0), and how wide that is in years; NaN if either is not
 * known.
 */
export function intervalColumns(
  table: FaceTable,
  interval: ConformalInterval,
): { readonly coverage: Float64Array; readonly width: Float64Array } {
  const column = () => new Float64Array(table.count).fill(Number.NaN);
  const [coverage, width] = [column(), column()];
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i);
    const age = table.low[i]!;
    if (years === undefined || age !== table.high[i]) continue;
    const [low, high] = conformalInterval(years, interval);
    coverage[i] = Number(low <= age && age <= high);
    width[i] = high - low;
  }
  return { coverage, width };
}
