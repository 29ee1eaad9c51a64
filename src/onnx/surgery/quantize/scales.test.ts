import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../tensor.js';
import { activationScale, quantizeWeights, representable } from './scales.js';

const finite = fc.float({ noNaN: true, min: -1e6, max: 1e6 });

describe('activationScale', () => {
  it('spends 255 steps on the range', () => {
    expect(activationScale({ low: 0, high: 255 })).toEqual({ scale: 1, zeroPoint: 0 });
    expect(activationScale({ low: -51, high: 204 })).toEqual({ scale: 1, zeroPoint: 51 });
    expect(activationScale({ low: -255, high: -3 })).toEqual({ scale: 1, zeroPoint: 255 });
  });

  it('holds 0 and, to half a step, both ends of every range', () => {
    fc.assert(
      fc.property(finite, finite, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const scale = activationScale({ low, high });
        const held = representable(scale);
        expect(held.low).toBeLessThanOrEqual(0);
        expect(held.high).toBeGreaterThanOrEqual(0);
        const half = (scale.scale / 2) * (1 + 1e-4);
        expect(held.low).toBeLessThanOrEqual(low + half);
        expect(held.high).toBeGreaterThanOrEqual(high - half);
        expect(Number.isInteger(scale.zeroPoint)).toBe(true);
      }),
    );
  });

  it.each([
    [{ low: 1, high: 0 }],
    [{ low: Number.NaN, high: 0 }],
    [{ low: 0, high: Number.POSITIVE_INFINITY }],
  ])('refuses %o', (range) => {
    expect(() => activationScale(range)).toThrow('A range must go from low to high');
  });
});

const options = { axis: 0, paired: true, bias: undefined, inputScale: 1, inputMean: undefined };

describe('quantizeWeights', () => {
  it('has a scale for each channel, by its two largest weights of a sign', () => {
    const w = float32('w', [2, 3], [127, -100, -27, 0.5, 0.25, -2]);
    expect([...quantizeWeights(w, options).scales]).toEqual([1, Math.fround(2 / 127)]);
    expect([...quantizeWeights(w, { ...options, paired: false }).scales]).toEqual([1, Math.fround(2 / 127)]);
    const twins = float32('w', [1, 2], [127, 127]);
    expect([...quantizeWeights(twins, options).scales]).toEqual([2]);
    expect([...quantizeWeights(twins, { ...options, paired: false }).scales]).toEqual([1]);
  });

  it('reads channels along its axis', () => {
    const w = float32('w', [2, 3], [127, 0, -254, 0, -381, 0]);
    const { scales, values } = quantizeWeights(w, { ...options, axis: 1 });
    expect([...scales]).toEqual([1, 3, 2]);
    expect([...values]).toEqual([127, 0, -127, 0, -127, 0]);
  });

  it('never sums two products beyond 16 bits, and errs by half a step at most', () => {
    fc.assert(
      fc.property(fc.array(finite, { minLength: 2, maxLength: 12 }), (weights) => {
        const { values, scales } = quantizeWeights(float32('w', [1, weights.length], weights), options);
        values.forEach((a, i) => {
          expect(Math.abs(a * scales[0]! - weights[i]!)).toBeLessThanOrEqual((scales[0]! / 2) * (1 + 1e-4));
          values.forEach((b, j) => {
            const sum = 255 * (a + b);
            if (i !== j) expect(sum >= -(2 ** 15) && sum < 2 ** 15).toBe(true);
          });
        });
      }),
    );
  });

  it('writes biases in units of both scales, however small the weights', () => {
    const bias = [0.3, -5, 7];
    const w = float32('w', [3, 1], [1, 1e-12, 0]);
    const inputScale = 0.02;
    const q = quantizeWeights(w, { ...options, bias, inputScale });
    bias.forEach((b, c) => {
      const unit = inputScale * q.scales[c]!;
      expect(Math.abs(q.bias![c]!)).toBeLessThanOrEqual(2 ** 30);
      expect(Math.abs(q.bias![c]! * unit - b)).toBeLessThanOrEqual(unit + 1e-7 * Math.abs(b));
    });
  });

  it('takes back in the bias what rounding moves the mean by', () => {
    const weights = Float32Array.of(127, 0.4, -0.3, 50.25, 0.5, -0.125);
    const mean = [1, 10, 100];
    const bias = [3, 4];
    const q = quantizeWeights(float32('w', [2, 3], weights), {
      ...options,
      paired: false,
      bias,
      inputScale: 1e-3,
      inputMean: (i) => mean[i % 3]!,
    });
    const total = (w: (i: number) => number, c: number) =>
      mean.reduce((sum, m, k) => sum + w(3 * c + k) * m, 0);
    bias.forEach((b, c) => {
      const rounded = total((i) => q.values[i]! * q.scales[c]!, c) + q.bias![c]! * 1e-3 * q.scales[c]!;
      expect(rounded).toBeCloseTo(total((i) => weights[i]!, c) + b, 2);
    });
    // Without it the first channel would be off by 26.
    expect(total((i) => q.values[i]! * q.scales[0]!, 0)).toBeCloseTo(127, 6);
  });
});
