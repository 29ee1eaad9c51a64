/**
 * Measures: figures that can be asked again with every face counted another number of times. A measure is prepared once
 * (what needs sorting is sorted) and is then cheap, so that the bootstrap can ask it a thousand times.
 */
import type { Figures } from './types.js';

/** How often each face counts, from 0. */
export type Weights = ArrayLike<number>;

/**
 * Figures of a list of faces. Without weights each face counts once, and the figures of whole weights are those of a
 * list that holds each face that many times. A figure is NaN if it is not defined, as an error of no faces.
 */
export type Measure = (weights?: Weights) => Figures;

/** One figure of a list of faces, in the same way. */
export type Statistic = (weights?: Weights) => number;

/** The mean of the values that are numbers: NaN stands for a face of which the value is not known, which is left out. */
export function mean(values: ArrayLike<number>): Statistic {
  return (weights) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      const weight = weights === undefined ? 1 : weights[i]!;
      if (weight === 0) continue;
      sum += weight * value;
      count += weight;
    }
    return sum / count;
  };
}

/** The square root of the mean square of the values that are numbers. */
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
 * The quantile `q` (0..1) of the values that are numbers, linear between them, a value of weight w standing for w values
 * (whole weights): Hyndman and Fan, The American Statistician 50(4), 1996, definition 7, as NumPy has it.
 */
export function quantileOf(values: ArrayLike<number>, q: number): Statistic {
  const order = sortedPlaces(values);
  const sorted = Float64Array.from(order, (i) => values[i]!);
  return (weights) => {
    let total = 0;
    for (let n = 0; n < order.length; n++) total += weights === undefined ? 1 : weights[order[n]!]!;
    if (total === 0) return Number.NaN;
    const place = q * (total - 1);
    const below = Math.floor(place);
    // The value at a whole place, going upwards from where the one before was found.
    let [seen, n] = [0, -1];
    const valueAt = (whole: number) => {
      while (seen <= whole) {
        n++;
        seen += weights === undefined ? 1 : weights[order[n]!]!;
      }
      return sorted[n]!;
    };
    const low = valueAt(below);
    return place === below ? low : low + (place - below) * (valueAt(below + 1) - low);
  };
}

/** The places of the values that are numbers, from the smallest on. */
export function sortedPlaces(values: ArrayLike<number>): Int32Array {
  const places = Int32Array.from({ length: values.length }, (_, i) => i).filter(
    (i) => !Number.isNaN(values[i]!),
  );
  return places.sort((a, b) => values[a]! - values[b]! || a - b);
}

/** Several statistics as one measure, by their names. */
export function measure(statistics: Readonly<Record<string, Statistic>>): Measure {
  const entries = Object.entries(statistics);
  return (weights) => Object.fromEntries(entries.map(([name, statistic]) => [name, statistic(weights)]));
}

/** What `first` says above `second`, of every figure that both have. */
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
