/**
 * Measures: figures as functions of how often each face counts. A measure is prepared once (values are sorted) and is then
 * cheap to evaluate, so that the bootstrap can call it a thousand times.
 */
import type { Figures } from './types.js';

/** How often each face counts, from 0. */
export type Weights = ArrayLike<number>;

/**
 * Figures of a list of faces. Without weights each face counts once; integer weights give the figures of a list with each
 * face that many times. A figure is NaN if undefined, as the error of no faces is.
 */
export type Measure = (weights?: Weights) => Figures;

/** One figure of a list of faces, likewise. */
export type Statistic = (weights?: Weights) => number;

/** The mean of the values. NaN stands for an unknown value and is left out, here and below. */
export function mean(values: ArrayLike<number>): Statistic {
  const known = Float64Array.from(values, (value) => Number(!Number.isNaN(value)));
  const filled = Float64Array.from(values, (value) => (Number.isNaN(value) ? 0 : value));
  const infinite = filled.some((value) => !Number.isFinite(value));
  return (weights) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < filled.length; i++) {
      const weight = weights === undefined ? 1 : weights[i]!;
      if (infinite && weight === 0) continue;
      sum += weight * filled[i]!;
      count += weight * known[i]!;
    }
    return sum / count;
  };
}

/** Columns that are summed in one pass over the faces. */
const AT_ONCE = 5;

/** The means of several columns by their names, as `mean` has them, in a third of the time. */
export function means(columns: Readonly<Record<string, ArrayLike<number>>>): Measure {
  const faces = Object.values(columns)[0]?.length ?? 0;
  const once = onceEach(faces);
  const nothing = new Float64Array(faces);
  // Columns that are known of the same faces share the count of these.
  const groups: { readonly known: Uint8Array; readonly columns: [string, Float64Array][] }[] = [];
  const others: Record<string, Statistic> = {};
  for (const [name, values] of Object.entries(columns)) {
    const known = Uint8Array.from(values, (value) => Number(!Number.isNaN(value)));
    const filled = Float64Array.from(values, (value) => (Number.isNaN(value) ? 0 : value));
    if (!filled.every(Number.isFinite)) {
      others[name] = mean(values);
      continue;
    }
    const group = groups.find((one) => one.known.every((is, i) => is === known[i]));
    if (group === undefined) groups.push({ known, columns: [[name, filled]] });
    else group.columns.push([name, filled]);
  }
  const rest = measure(others);
  const names = Object.keys(columns);
  const passes = groups.flatMap(({ known, columns: own }) =>
    Array.from({ length: Math.ceil(own.length / AT_ONCE) }, (_, pass) => {
      const some = own.slice(pass * AT_ONCE, (pass + 1) * AT_ONCE);
      const [a, b, c, d, e] = Array.from({ length: AT_ONCE }, (_, k) => some[k]?.[1] ?? nothing);
      return { known, names: some.map(([name]) => name), a: a!, b: b!, c: c!, d: d!, e: e! };
    }),
  );
  return (weights) => {
    const found: Record<string, number> = { ...rest(weights) };
    for (const { known, names: own, a, b, c, d, e } of passes) {
      const sums = sumsOf(weights ?? once, known, a, b, c, d, e);
      for (let k = 0; k < own.length; k++) found[own[k]!] = sums[k]! / sums[AT_ONCE]!;
    }
    return Object.fromEntries(names.map((name) => [name, found[name]!]));
  };
}

/** The weighted sums of five columns, and of the faces that they are known of. */
function sumsOf(
  weights: Weights,
  known: Uint8Array,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
  e: Float64Array,
): readonly number[] {
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  let sumD = 0;
  let sumE = 0;
  let count = 0;
  for (let i = 0; i < known.length; i++) {
    const weight = weights[i]!;
    sumA += weight * a[i]!;
    sumB += weight * b[i]!;
    sumC += weight * c[i]!;
    sumD += weight * d[i]!;
    sumE += weight * e[i]!;
    count += weight * known[i]!;
  }
  return [sumA, sumB, sumC, sumD, sumE, count];
}

/** Faces in the order of their cells, so that a cell's sums are sums in a row, which stay in registers. */
export interface CellOrder {
  /** The index of each face that has a cell. */
  readonly order: Int32Array;
  /** The place in `order` behind the last face of each cell. */
  readonly ends: Int32Array;
}

/** @param cells of each face, from 0 below `size`; a face of any other is left out */
export function orderByCell(cells: ArrayLike<number>, size: number): CellOrder {
  const counts = new Int32Array(size);
  for (let i = 0; i < cells.length; i++) if (cells[i]! >= 0 && cells[i]! < size) counts[cells[i]!]!++;
  const next = new Int32Array(size);
  for (let cell = 1; cell < size; cell++) next[cell] = next[cell - 1]! + counts[cell - 1]!;
  const order = new Int32Array(size === 0 ? 0 : next[size - 1]! + counts[size - 1]!);
  for (let i = 0; i < cells.length; i++) {
    if (cells[i]! >= 0 && cells[i]! < size) order[next[cells[i]!]!++] = i;
  }
  return { order, ends: next };
}

/** Sets the count of each cell to the sum of its faces' weights. */
export function countCells({ order, ends }: CellOrder, weights: Weights, counts: Float64Array): void {
  let n = 0;
  for (let cell = 0; cell < ends.length; cell++) {
    const end = ends[cell]!;
    let sum = 0;
    for (; n < end; n++) sum += weights[order[n]!]!;
    counts[cell] = sum;
  }
}

/** A weight of 1 for each face, in the type of the bootstrap's weights. */
export const onceEach = (faces: number): Uint16Array => new Uint16Array(faces).fill(1);

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
    seen += weights[order[n]!]!;
    while (seen <= whole) seen += weights[order[++n]!]!;
    return sorted[n]!;
  });
}

/** The same quantile of numbers in ascending order, each once. */
export const quantileOfSorted = (sorted: Float64Array, q: number): number =>
  between(sorted.length, q, (n) => sorted[n]!);

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
