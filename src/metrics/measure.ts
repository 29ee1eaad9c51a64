/**
 * Measures: figures as functions of how often each face counts. A measure is prepared once (values are sorted) and is then
 * cheap to evaluate, so that the bootstrap can call it a thousand times.
 */
import {
  type CellOrder,
  type CellValues,
  countCells,
  onceEach,
  orderByCell,
  sumCells,
  valuesByCell,
  type Weights,
  weightOf,
} from './cells.js';
import type { Figures } from './types.js';

/**
 * Figures of a list of faces. Without weights each face counts once; integer weights give the figures of a list with each
 * face that many times. A figure is NaN if undefined, as the error of no faces is.
 */
export type Measure = (weights?: Weights) => Figures;

/** One figure of a list of faces, likewise. */
export type Statistic = (weights?: Weights) => number;

/** The mean of the values. NaN stands for an unknown value and is left out, here and below. */
export function mean(values: ArrayLike<number>): Statistic {
  if (hasInfinite(values)) {
    const isKnown = Int8Array.from(values, (value) => Number(!Number.isNaN(value)));
    const filled = Float64Array.from(values, (value) => (Number.isNaN(value) ? 0 : value));
    return meanOfAny(filled, isKnown);
  }
  const of = means({ mean: values });
  return (weights) => of(weights).mean!;
}

function hasInfinite(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (Math.abs(values[i]!) === Number.POSITIVE_INFINITY) return true;
  return false;
}

/** The mean of values of which some are infinite: those of weight 0 are left out. */
function meanOfAny(values: Float64Array, isKnown: Int8Array): Statistic {
  return (weights) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const weight = weights === undefined ? 1 : weightOf(weights, i);
      if (weight === 0) continue;
      sum += weight * values[i]!;
      count += weight * isKnown[i]!;
    }
    return sum / count;
  };
}

/** The means of several columns by their names, as `mean` has them. */
export function means(columns: Readonly<Record<string, ArrayLike<number>>>): Measure {
  const names = Object.keys(columns);
  const once = onceEach(Object.values(columns)[0]?.length ?? 0);
  // Columns that are known of the same faces share the count of these.
  const groups: { readonly unknown: Int8Array; readonly cells: CellOrder; readonly own: Sum[] }[] = [];
  const others: [string, Statistic][] = [];
  for (const [name, values] of Object.entries(columns)) {
    const unknown = new Int8Array(values.length);
    for (let i = 0; i < unknown.length; i++) unknown[i] = Number(Number.isNaN(values[i]!));
    let group = groups.find((one) => one.unknown.every((is, i) => is === unknown[i]));
    const cells = group?.cells ?? orderByCell(unknown, 1);
    if (!cells.order.every((i) => Number.isFinite(values[i]!))) {
      others.push([name, mean(values)]);
      continue;
    }
    if (group === undefined) {
      group = { unknown, cells, own: [] };
      groups.push(group);
    }
    group.own.push([name, valuesByCell(cells, values)]);
  }
  const [count, sum] = [new Float64Array(1), new Float64Array(1)];
  return (weights = once) => {
    const found: Record<string, number> = Object.fromEntries(names.map((name) => [name, Number.NaN]));
    for (const [name, statistic] of others) found[name] = statistic(weights);
    for (const { cells, own } of groups) {
      countCells(cells, weights, count);
      for (const [name, values] of own) {
        sumCells(values, weights, sum);
        found[name] = sum[0]! / count[0]!;
      }
    }
    return found;
  };
}

type Sum = readonly [name: string, values: CellValues];

/** The square root of the mean square of the values. */
export function rootMeanSquare(values: ArrayLike<number>): Statistic {
  const square = mean(Float64Array.from(values, (v) => v * v));
  return (weights) => Math.sqrt(square(weights));
}

/** The mean and the standard deviation of a list, both NaN if it is empty. */
export function meanAndDeviation(values: readonly number[]): {
  readonly mean: number;
  readonly deviation: number;
} {
  const middle = mean(values)();
  return { mean: middle, deviation: rootMeanSquare(values.map((v) => v - middle))() };
}

/** Values in ascending order, in cells of a few neighbours: with the cells counted, only few values are visited one by one. */
export interface OrderedCells extends CellOrder {
  /** The values other than NaN. */
  readonly sorted: Float64Array;
}

const CELL = 64;

/** @param cuts in ascending order; no cell holds a value up to a cut and a larger one */
export function orderedCells(values: ArrayLike<number>, cuts: readonly number[] = []): OrderedCells {
  const order = sortedPlaces(values);
  const sorted = Float64Array.from(order, (i) => values[i]!);
  const ends: number[] = [];
  let [start, next] = [0, 0];
  for (let n = 0; n < sorted.length; n++) {
    const from = next;
    while (next < cuts.length && sorted[n]! > cuts[next]!) next++;
    if (n > start && (next > from || n - start === CELL)) {
      ends.push(n);
      start = n;
    }
  }
  if (sorted.length > 0) ends.push(sorted.length);
  return { sorted, order, ends: Int32Array.from(ends) };
}

/**
 * The quantile `q` (0..1) of values whose cells were counted, interpolated linearly; a value of integer weight w stands for
 * w values (Hyndman and Fan, The American Statistician 50(4), 1996, definition 7, NumPy's default).
 * @param counts the sums of the weights of each cell
 */
export function quantileOfCells(
  { sorted, order, ends }: OrderedCells,
  counts: Float64Array,
  weights: Weights,
  q: number,
): number {
  let total = 0;
  for (let cell = 0; cell < ends.length; cell++) total += counts[cell]!;
  return between(total, q, (whole) => {
    let [seen, cell] = [0, 0];
    while (seen + counts[cell]! <= whole) seen += counts[cell++]!;
    let n = cell === 0 ? 0 : ends[cell - 1]!;
    seen += weightOf(weights, order[n]!);
    while (seen <= whole) seen += weightOf(weights, order[++n]!);
    return sorted[n]!;
  });
}

/** The same quantile of numbers in any order, each once, none of them NaN. It reorders them. */
export const quantileOf = (values: Float64Array, q: number): number =>
  between(values.length, q, (n) => numberOfRank(values, n));

/**
 * The number of a rank, from 0 in ascending order, in a fraction of the time of sorting (Hoare, Algorithm 65: Find,
 * Communications of the ACM 4(7), 1961). Afterwards no number before the rank is larger, and none behind it smaller.
 */
function numberOfRank(values: Float64Array, rank: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let [up, down] = [low, high];
    while (up <= down) {
      while (values[up]! < pivot) up++;
      while (values[down]! > pivot) down--;
      if (up > down) break;
      const larger = values[up]!;
      values[up++] = values[down]!;
      values[down--] = larger;
    }
    if (rank <= down) high = down;
    else if (rank >= up) low = up;
    else break;
  }
  return values[rank]!;
}

/** The value at the share `q` of `total` values, linear between the neighbouring integer positions. */
function between(total: number, q: number, valueAt: (whole: number) => number): number {
  if (total === 0) return Number.NaN;
  const place = q * (total - 1);
  const below = Math.floor(place);
  const low = valueAt(below);
  return place === below ? low : low + (place - below) * (valueAt(below + 1) - low);
}

/** The indices of the values other than NaN in ascending order of values, stable. */
export function sortedPlaces(values: ArrayLike<number>): Int32Array {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  const order = new Int32Array(sorted.length);
  const taken = new Int32Array(sorted.length);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    const first = placeIn(sorted, values[i]!);
    order[first + taken[first]!++] = i;
  }
  return order;
}

/** How many numbers of an ascending list are smaller. */
export function placeIn(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Several statistics as one measure, by name. */
export function measure(statistics: Readonly<Record<string, Statistic>>): Measure {
  const entries = Object.entries(statistics);
  return (weights) => Object.fromEntries(entries.map(([name, statistic]) => [name, statistic(weights)]));
}

/** `first` minus `second` for every figure that both have. */
export function difference(first: Measure, second: Measure): Measure {
  return (weights) => {
    const other = second(weights);
    return Object.fromEntries(
      Object.entries(first(weights)).flatMap(([name, value]) =>
        name in other ? [[name, value - other[name]!]] : [],
      ),
    );
  };
}
