/**
 * Intervals that hold the true age of a stated share of faces for any network, if the faces are distributed like those it
 * was fitted on: split conformal prediction (Vovk, Gammerman, Shafer, Algorithmic Learning in a Random
 * World, 2005), on the central interval of the distribution (Romano, Patterson, Candès, NeurIPS 2019, equations 6 and 7).
 */
import { type ConformalInterval, centralInterval, conformalInterval } from '../../age/index.js';
import { type FaceTable, yearsOf } from '../faces.js';

export interface ConformalFit extends ConformalInterval {
  /** The faces it was fitted on. */
  readonly faces: number;
}

/** On faces whose age is known and that have a distribution. The widening is Infinity if they are too few. */
export function fitConformal(table: FaceTable, coverage: number): ConformalFit {
  const scores: number[] = [];
  for (let i = 0; i < table.count; i++) {
    const years = yearsOf(table, i);
    const age = table.low[i]!;
    if (years === undefined || age !== table.high[i]) continue;
    const [low, high] = centralInterval(years, coverage);
    scores.push(Math.max(low - age, age - high));
  }
  return { coverage, widening: conformalQuantile(scores, coverage), faces: scores.length };
}

/** The ⌈(n + 1) · coverage⌉-th smallest of n scores, Infinity if there are not as many. */
export function conformalQuantile(scores: readonly number[], coverage: number): number {
  const rank = Math.ceil((scores.length + 1) * coverage - ROUNDING);
  return Float64Array.from(scores).sort()[rank - 1] ?? Number.POSITIVE_INFINITY;
}

/** (9 + 1) · 0.9 is an integer, in doubles or not. */
const ROUNDING = 1e-9;

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
