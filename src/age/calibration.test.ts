import { describe, expect, it } from 'vitest';
import { calibrateFemale, conformalInterval, tilt, unbias } from './calibration.js';
import { OLDEST } from './classes.js';
import { expectation } from './distribution.js';

const years = (given: Readonly<Record<number, number>>) =>
  Float64Array.from({ length: OLDEST + 1 }, (_, year) => given[year] ?? 0);

const gaussian = (centre: number, std: number) => {
  const bump = Float64Array.from({ length: OLDEST + 1 }, (_, y) =>
    Math.exp(-((y - centre) ** 2) / (2 * std ** 2)),
  );
  const sum = bump.reduce((a, b) => a + b, 0);
  return bump.map((p) => p / sum);
};

describe('tilt', () => {
  it('moves a Gaussian as a whole, whose tilted forms are Gaussians', () => {
    const found = tilt(gaussian(50, 6), 53.5);
    gaussian(53.5, 6).forEach((p, year) => {
      expect(found[year]).toBeCloseTo(p, 9);
    });
  });

  it.each([2, 20, 40, 71])('meets a mean of %d, and sums to 1', (mean) => {
    const found = tilt(years({ 1: 0.4, 20: 0.35, 30: 0.2, 90: 0.05 }), mean);
    expect(expectation(found)).toBeCloseTo(mean, 8);
    expect(found.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });

  it('keeps to the years that are possible', () => {
    const sure = years({ 30: 1 });
    expect(tilt(sure, 33)).toEqual(sure);
    const beyond = tilt(years({ 30: 0.5, 32: 0.5 }), 40);
    expect(expectation(beyond)).toBeCloseTo(32, 6);
  });
});

it('a bias is corrected by the estimate', () => {
  const bias = { knots: [20, 40], ages: [22, 37] };
  // Halfway: 30 + (2 − 3) / 2.
  expect(expectation(unbias(gaussian(30, 5), bias))).toBeCloseTo(29.5, 6);
});

it('P(female) has its threshold at one half, and keeps its order and its ends', () => {
  expect(calibrateFemale(0.2, 0.2)).toBe(0.5);
  expect([0, 1].map((p) => calibrateFemale(p, 0.2))).toEqual([0, 1]);
  // Odds of 3 to 7, divided by those of 1 to 4.
  expect(calibrateFemale(0.3, 0.2)).toBeCloseTo(12 / 19, 12);
});

it('an interval is widened at both ends', () => {
  const [low, high] = conformalInterval(gaussian(50, 5), { coverage: 0.9, widening: 0 });
  const wide = conformalInterval(gaussian(50, 5), { coverage: 0.9, widening: 2 });
  expect(wide).toEqual([low - 2, high + 2]);
});
