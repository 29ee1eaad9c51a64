import { describe, expect, it } from 'vitest';
import { Random } from './index.js';

const draw = (count: number, make: () => number) => Array.from({ length: count }, make);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const variance = (values: readonly number[]) => {
  const m = mean(values);
  return mean(values.map((v) => (v - m) ** 2));
};

describe('Random', () => {
  it('returns the same stream for the same keys', () => {
    const stream = () => {
      const random = new Random(1, 2, 3);
      return draw(5, () => random.bits());
    };
    expect(stream()).toEqual(stream());
  });

  it('distinguishes keys by their values, their order and their number', () => {
    const keys = [[1], [2], [1, 0], [0, 1], [1, 2], [2, 1], [1, 2, 0], [2 ** 32 + 1], [2 ** 33 + 1]];
    const first = keys.map((k) => new Random(...k).bits());
    expect(new Set(first).size).toBe(keys.length);
  });

  it('is uniform over streams whose keys count upwards', () => {
    const cells = new Array<number>(16).fill(0);
    for (let row = 0; row < 16_000; row++) cells[Math.floor(new Random(7, 0, row).uniform() * 16)]!++;
    // Chi-squared with 15 degrees of freedom lies below 37.7 in 999 of 1000 cases.
    const chiSquared = cells.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    expect(chiSquared).toBeLessThan(37.7);
  });

  it.each([0.2, 0.5, 1, 2.5])('has the moments of the beta distribution at α = %d', (alpha) => {
    const random = new Random(3, alpha * 10);
    const values = draw(20_000, () => random.beta(alpha));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(mean(values)).toBeCloseTo(0.5, 1.7);
    expect(variance(values)).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 2);
  });

  it('has the moments of the normal distribution', () => {
    const random = new Random(5);
    const values = draw(20_000, () => random.normal());
    expect(Math.abs(mean(values))).toBeLessThan(0.03);
    expect(Math.abs(variance(values) - 1)).toBeLessThan(0.05);
  });

  it('shuffles into every order equally often', () => {
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = new Random(11, i).shuffle(['a', 'b', 'c']).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(130);
  });
});
