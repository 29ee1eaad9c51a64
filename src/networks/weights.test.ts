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
