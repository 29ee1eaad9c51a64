import { describe, expect, it } from 'vitest';
import { difference, mean, meanAndDeviation, measure, quantileOf, rootMeanSquare } from './measure.js';

describe('statistics', () => {
  it('leave out unknown values, and are NaN without any', () => {
    expect(mean([1, Number.NaN, 3])()).toBe(2);
    expect(rootMeanSquare([3, 4, Number.NaN])()).toBe(Math.sqrt(12.5));
    expect(mean([Number.NaN])()).toBeNaN();
    expect(mean([1, 2])([0, 0])).toBeNaN();
    expect(quantileOf([], 0.5)()).toBeNaN();
  });

  it.each([
    // numpy.quantile([1, 2, 4, 8], q)
    [0, 1],
    [0.25, 1.75],
    [0.5, 3],
    [0.9, 6.8],
    [1, 8],
  ])("have NumPy's quantile %f", (q, value) => {
    expect(quantileOf([4, 1, Number.NaN, 8, 2], q)()).toBeCloseTo(value, 12);
  });

  it('count a face of weight w as w faces', () => {
    const values = [5, 1, 9, 7];
    const weights = [2, 0, 3, 1];
    const repeated = [5, 5, 9, 9, 9, 7];
    expect(mean(values)(weights)).toBeCloseTo(mean(repeated)(), 12);
    for (const q of [0, 0.1, 0.3, 0.5, 0.7, 1]) {
      expect(quantileOf(values, q)(weights)).toBeCloseTo(quantileOf(repeated, q)(), 12);
    }
  });

  it('have means and deviations of populations', () => {
    expect(meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({ mean: 5, deviation: 2 });
    expect(meanAndDeviation([]).mean).toBeNaN();
  });
});

it('subtracts the figures that two measures share', () => {
  const first = measure({ mae: mean([1, 3]), bias: mean([1, -1]) });
  const second = measure({ mae: mean([2, 2]), rmse: mean([0, 0]) });
  expect(difference(first, second)([0, 2])).toEqual({ mae: 1 });
});
