import { describe, expect, it } from 'vitest';
import { countCells } from './cells.js';
import {
  difference,
  mean,
  meanAndDeviation,
  measure,
  orderedCells,
  quantileOf,
  quantileOfCells,
  rootMeanSquare,
} from './measure.js';

/** The quantile of numbers in ascending order, by its definition. */
function quantileOfSorted(sorted: Float64Array, q: number): number {
  const place = q * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (place - Math.floor(place)) * (high - low);
}

/** The weighted quantile by cells. */
function quantileByCells(values: readonly number[], q: number, weights = values.map(() => 1)): number {
  const cells = orderedCells(values);
  const counts = new Float64Array(cells.ends.length);
  countCells(cells, weights, counts);
  return quantileOfCells(cells, counts, weights, q);
}

describe('statistics', () => {
  it('leave out unknown values, and are NaN without any', () => {
    expect(mean([1, Number.NaN, 3])()).toBe(2);
    expect(rootMeanSquare([3, 4, Number.NaN])()).toBe(Math.sqrt(12.5));
    expect(mean([Number.NaN])()).toBeNaN();
    expect(mean([1, 2])([0, 0])).toBeNaN();
    expect(quantileByCells([], 0.5)).toBeNaN();
  });

  it.each([
    // numpy.quantile([1, 2, 4, 8], q)
    [0, 1],
    [0.25, 1.75],
    [0.5, 3],
    [0.9, 6.8],
    [1, 8],
  ])("have NumPy's quantile %f", (q, value) => {
    expect(quantileByCells([4, 1, Number.NaN, 8, 2], q)).toBeCloseTo(value, 12);
    expect(quantileOf(Float64Array.of(4, 8, 1, 2), q)).toBeCloseTo(value, 12);
  });

  it('count a face of weight w as w faces', () => {
    const values = [5, 1, 9, 7];
    const weights = [2, 0, 3, 1];
    const repeated = [5, 5, 9, 9, 9, 7];
    expect(mean(values)(weights)).toBeCloseTo(mean(repeated)(), 12);
    for (const q of [0, 0.1, 0.3, 0.5, 0.7, 1]) {
      expect(quantileByCells(values, q, weights)).toBeCloseTo(quantileByCells(repeated, q), 12);
    }
  });

  it('have the quantiles of many weighted values in many cells', () => {
    const values = Array.from({ length: 500 }, (_, i) => Math.sin(i * 7) * 10);
    const weights = values.map((_, i) => (i * 5) % 4);
    const repeated = values.flatMap((value, i) => Array.from({ length: weights[i]! }, () => value));
    const sorted = Float64Array.from(repeated).sort();
    for (const q of [0, 0.05, 0.31, 0.5, 0.77, 0.99, 1]) {
      expect(quantileByCells(values, q, weights)).toBe(quantileOfSorted(sorted, q));
    }
  });

  it('have the quantiles of numbers in any order, many of them equal', () => {
    const values = Array.from({ length: 501 }, (_, i) => Math.floor(Math.sin(i * 7) * 20));
    for (const numbers of [values, values.map(() => 3), [2], [2, 1]]) {
      const sorted = Float64Array.from(numbers).sort();
      const unordered = Float64Array.from(numbers);
      for (const q of [0.975, 0, 0.025, 0.5, 1]) {
        expect(quantileOf(unordered, q)).toBe(quantileOfSorted(sorted, q));
      }
    }
    expect(quantileOf(new Float64Array(0), 0.5)).toBeNaN();
  });

  it('have means and deviations of populations', () => {
    expect(meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, deviation: 2 });
    expect(meanAndDeviation([]).mean).toBeNaN();
  });
});

it('orders values into cells, none of which holds values on both sides of a cut', () => {
  const { sorted, order, ends } = orderedCells([2.5, Number.NaN, 1, 0, 2, 1.5, 2], [0, 1, 2]);
  expect([...sorted]).toEqual([0, 1, 1.5, 2, 2, 2.5]);
  expect([...order]).toEqual([3, 2, 5, 4, 6, 0]);
  expect([...ends]).toEqual([1, 2, 5, 6]);
});

it('subtracts the figures that two measures share', () => {
  const first = measure({ mae: mean([1, 3]), bias: mean([1, -1]) });
  const second = measure({ mae: mean([2, 2]), rmse: mean([0, 0]) });
  expect(difference(first, second)([0, 2])).toEqual({ mae: 1 });
});
