import { describe, expect, it } from 'vitest';
import { yearClasses } from './classes.js';
import {
  type AgeDistribution,
  ageStatistics,
  averageDistributions,
  probabilityAtLeast,
  yearProbabilities,
} from './distribution.js';

const years = (probabilities: Record<number, number>): AgeDistribution => ({
  classes: yearClasses(),
  probabilities: Array.from({ length: 101 }, (_, year) => probabilities[year] ?? 0),
});

describe('ageStatistics', () => {
  it('puts everything at the year of a certain answer', () => {
    const s = ageStatistics(years({ 30: 1 }));
    expect([s.mean, s.median, s.mode, s.std]).toEqual([30, 30, 30, 0]);
    expect(s.interval[0]).toBeCloseTo(29.55);
    expect(s.interval[1]).toBeCloseTo(30.45);
  });

  it('distinguishes mean, median and mode of a skewed distribution', () => {
    const s = ageStatistics(years({ 20: 0.5, 30: 0.3, 60: 0.2 }));
    expect(s.mean).toBeCloseTo(31);
    expect(s.median).toBeCloseTo(20.5);
    expect(s.mode).toBe(20);
    expect(s.std).toBeCloseTo(Math.sqrt(0.5 * 121 + 0.3 + 0.2 * 841));
  });

  it('returns the standard deviation and interval of a Gaussian', () => {
    const p: Record<number, number> = {};
    let sum = 0;
    for (let y = 0; y <= 100; y++) sum += p[y] = Math.exp(-((y - 45) ** 2) / (2 * 64));
    for (let y = 0; y <= 100; y++) p[y]! /= sum;
    const s = ageStatistics(years(p));
    expect(s.std).toBeCloseTo(8, 3);
    // The 95th percentile of a normal distribution lies 1.6449 standard deviations above its mean.
    expect(s.interval[1]).toBeCloseTo(45 + 1.6449 * 8, 1);
    expect(s.interval[0]).toBeCloseTo(45 - 1.6449 * 8, 1);
  });

  it('spreads an interval class evenly over its years', () => {
    const d = {
      classes: [
        { from: 0, to: 9 },
        { from: 10, to: 29 },
        { from: 30, to: 100 },
      ],
      probabilities: [0, 1, 0],
    };
    const s = ageStatistics(d);
    expect(s.mean).toBeCloseTo(19.5);
    expect(s.mode).toBe(19.5);
    expect(s.median).toBeCloseTo(19.5);
    expect(s.std).toBeCloseTo(Math.sqrt((20 ** 2 - 1) / 12));
    expect(s.interval).toEqual([expect.closeTo(10.5), expect.closeTo(28.5)]);
  });

  it('finds the mode by density, so that a wide class does not win by its width', () => {
    const d = {
      classes: [
        { from: 4, to: 4 },
        { from: 60, to: 100 },
      ],
      probabilities: [0.4, 0.6],
    };
    expect(ageStatistics(d).mode).toBe(4);
  });

  it('stays within 0..100', () => {
    expect(ageStatistics(years({ 0: 1 })).interval[0]).toBe(0);
    expect(ageStatistics(years({ 100: 1 })).interval[1]).toBe(100);
  });
});

describe('probabilityAtLeast', () => {
  it('counts the year itself', () => {
    const d = years({ 17: 0.25, 18: 0.5, 40: 0.25 });
    expect(probabilityAtLeast(d, 18)).toBeCloseTo(0.75);
    expect(probabilityAtLeast(d, 17.5)).toBeCloseTo(0.75);
    expect(probabilityAtLeast(d, 0)).toBe(1);
    expect(probabilityAtLeast(d, 101)).toBe(0);
  });

  it.each([
    [undefined, 'undefined'],
    [Number.NaN, 'NaN'],
    ['18', "the text '18'"],
  ])('refuses %j for an age', (t, found) => {
    const ask = () => probabilityAtLeast(years({ 20: 1 }), t as number);
    expect(ask).toThrow(TypeError);
    expect(ask).toThrow(`t: expected an age in years, found ${found}`);
  });

  it('splits an interval class at the threshold', () => {
    const d = { classes: [{ from: 16, to: 19 }], probabilities: [1] };
    expect(probabilityAtLeast(d, 18)).toBeCloseTo(0.5);
  });
});

describe('averageDistributions', () => {
  it('averages probabilities, not ages', () => {
    const d = averageDistributions([years({ 20: 1 }), years({ 40: 1 })]);
    expect(ageStatistics(d).std).toBeCloseTo(10);
  });

  it('joins different classes on the years', () => {
    const d = averageDistributions([
      years({ 20: 1 }),
      { classes: [{ from: 40, to: 41 }], probabilities: [1] },
    ]);
    const p = yearProbabilities(d);
    expect([p[20], p[40], p[41]]).toEqual([0.5, 0.25, 0.25]);
  });
});
