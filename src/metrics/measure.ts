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
const AT_ONCE = 4;

/** The means of several columns by their names, as `mean` has them, in a third of the time. */
export function means(columns: Readonly<Record<string, ArrayLike<number>>>): Measure {
  const faces = Object.values(columns)[0]?.length ?? 0;
  const once = new Uint16Array(faces).fill(1);
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
  return (weights) => {
    const found: Record<string, number> = { ...rest(weights) };
    for (const { known, columns: own } of groups) {
      for (let from = 0; from < own.length; from += AT_ONCE) {
        const four = own.slice(from, from + AT_ONCE);
        const column = (k: number) => four[k]?.[1] ?? nothing;
        const sums = sumsOf(weights ?? once, known, column(0), column(1), column(2), column(3));
        four.forEach(([name], k) => {
          found[name] = sums[k]! / sums[AT_ONCE]!;
        });
      }
    }
    return Object.fromEntries(names.map((name) => [name, found[name]!]));
  };
}

/** The weighted sums of four columns, and of the faces that they are known of. */
function sumsOf(
  weights: Weights,
  known: Uint8Array,
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  d: Float64Array,
): readonly number[] {
  let sumA = 0;
  let sumB = 0;
  let sumC = 0;
  let sumD = 0;
  let count = 0;
  for (let i = 0; i < known.length; i++) {
    const weight = weights[i]!;
    sumA += weight * a[i]!;
    sumB += weight * b[i]!;
    sumC += weight * c[i]!;
    sumD += weight * d[i]!;
    count += weight * known[i]!;
  }
  return [sumA, sumB, sumC, sumD, count];
}

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

/**
 * The quantile `q` (0..1) of the values, interpolated linearly; a value of integer weight w stands for w values (Hyndman
 * and Fan, The American Statistician 50(4), 1996, definition 7, NumPy's default).
 */
export function quantileOf(values: ArrayLike<number>, q: number): Statistic {
  const order = sortedPlaces(values);
  const sorted = Float64Array.from(order, (i) => values[i]!);
  // Values are first counted by groups of neighbours, so that only few are visited one by one.
  const groups = Math.ceil(order.length / GROUP);
  const groupOf = new Int32Array(values.length).fill(groups);
  order.forEach((i, n) => {
    groupOf[i] = Math.floor(n / GROUP);
  });
  return (weights) => {
    if (weights === undefined) return quantileOfSorted(sorted, q);
    const counts = new Float64Array(groups + 1);
    for (let i = 0; i < groupOf.length; i++) counts[groupOf[i]!]! += weights[i]!;
    let total = 0;
    for (let group = 0; group < groups; group++) total += counts[group]!;
    return between(total, q, (whole) => {
      let [seen, group] = [0, 0];
      while (seen + counts[group]! <= whole) seen += counts[group++]!;
      let n = group * GROUP;
      seen += weights[order[n]!]!;
      while (seen <= whole) seen += weights[order[++n]!]!;
      return sorted[n]!;
    });
  };
}

const GROUP = 64;

/** The same quantile of numbers in ascending order. */
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
