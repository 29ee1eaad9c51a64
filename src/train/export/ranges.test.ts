import { describe, expect, it } from 'vitest';
import { random } from '../../../test/support/execute.js';
import { Histogram } from './histogram.js';
import { leastErrorRange } from './ranges.js';

const over = (values: Float32Array) => {
  const histogram = new Histogram();
  histogram.add(values);
  return leastErrorRange(histogram);
};

/** The squared error of writing values as bytes over a range: the definition. */
function error(values: Float32Array, low: number, high: number): number {
  const step = (high - low) / 255;
  return values.reduce((sum, v) => {
    const q = Math.min(255, Math.max(0, Math.round((v - low) / step)));
    return sum + (low + q * step - v) ** 2;
  }, 0);
}

/** Values with tails as activations have them (Laplace), of deviation √2. */
function laplace(count: number, seed: number): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length: count }, () => (next() < 0.5 ? -1 : 1) * -Math.log(1 - next()));
}

describe('leastErrorRange', () => {
  it('is all that was seen where values are spread evenly', () => {
    const values = Float32Array.from({ length: 1001 }, (_, i) => i / 100 - 2);
    expect(over(values)).toEqual({ low: -2, high: 8 });
  });

  it('clips tails, and errs less than the whole range and than a narrower one', () => {
    const values = laplace(20_000, 1);
    const { low, high } = over(values);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    expect(high).toBeLessThan(most);
    const own = error(values, low, high);
    expect(own).toBeLessThan(error(values, least, most));
    expect(own).toBeLessThan(error(values, low / 2, high / 2));
  });

  it('is as good as any of a fine grid, to a hundredth', () => {
    const values = laplace(4000, 2).map(Math.abs);
    const { low, high } = over(values);
    const grid = Array.from({ length: 80 }, (_, i) => error(values, 0, (high * (i + 20)) / 60));
    expect(low).toBe(0);
    expect(error(values, low, high)).toBeLessThan(1.01 * Math.min(...grid));
  });

  it('begins at 0 behind a Relu and where values lie far from it', () => {
    expect(over(Float32Array.of(0, 0, 3)).low).toBe(0);
    expect(over(Float32Array.of(5, 6))).toMatchObject({ low: 0 });
    expect(over(Float32Array.of(0, 0))).toEqual({ low: 0, high: 0 });
  });
});
