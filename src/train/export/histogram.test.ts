import { describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/execute.js';
import { Histogram } from './histogram.js';

const of = (...batches: ArrayLike<number>[]) => {
  const histogram = new Histogram();
  for (const batch of batches) histogram.add(Float32Array.from(batch));
  return histogram;
};
const total = (h: Histogram) => h.bins().count.reduce((a, b) => a + b, 0);

describe('Histogram', () => {
  it('places values to a few thousandths of the largest', () => {
    const values = noise(500, 3);
    const { middle, count } = of(values).bins();
    expect(count.reduce((a, b) => a + b, 0)).toBe(500);
    const sorted = [...values].sort((a, b) => a - b);
    let i = 0;
    middle.forEach((m, bin) => {
      for (let n = 0; n < count[bin]!; n++) expect(Math.abs(sorted[i++]! - m)).toBeLessThan(1 / 4000);
    });
  });

  it('counts the same whether the largest value comes first or last', () => {
    const [small, large] = [noise(300, 1), noise(300, 2).map((v) => 700 * v)];
    expect(of(large, small).bins()).toEqual(of(small, large).bins());
  });

  it('keeps zeros apart, which are exact in any range', () => {
    const { middle, count } = of([0, 0, 1e-9], [0, 1]).bins();
    expect(count[middle.indexOf(0)]).toBe(3);
    expect(total(of([0, 0]))).toBe(2);
  });

  it('remembers ends that are not among the values counted', () => {
    const many = new Float32Array(2 ** 18).fill(1);
    many[1] = 9;
    many[2] = -5;
    const h = of(many);
    expect([h.low, h.high]).toEqual([-5, 9]);
    expect(total(h)).toBeLessThanOrEqual(2 ** 16);
    expect(total(h)).toBeGreaterThan(2 ** 15);
  });
});
