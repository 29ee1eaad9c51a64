import { expect, it } from 'vitest';
import { randomWeights } from './weights.js';

it('draws truncated normal values of the given deviation, none beyond two of the untruncated one', () => {
  const values = randomWeights(3)('conv.weight', [200, 100], { kind: 'truncated', deviation: 0.1 });
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  expect(mean).toBeCloseTo(0, 2);
  expect(deviation).toBeCloseTo(0.1, 3);
  // scipy.stats.truncnorm(-2, 2).std() is 0.879626.
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  expect(most).toBeLessThanOrEqual(0.2 / 0.8796256);
  expect(most).toBeGreaterThan(0.22);
});

it('draws columns at right angles to each other, of length 1', () => {
  const [rows, columns] = [24, 6];
  const values = randomWeights(3)('lstm.recurrent', [1, rows, columns], { kind: 'orthogonal' });
  const product = (a: number, b: number) =>
    Array.from({ length: rows }, (_, i) => values[i * columns + a]! * values[i * columns + b]!).reduce(
      (x, y) => x + y,
    );
  for (let a = 0; a < columns; a++) {
    for (let b = 0; b <= a; b++) expect(product(a, b)).toBeCloseTo(a === b ? 1 : 0, 5);
  }
  expect(Math.max(...values)).toBeLessThan(0.9);
});
