import { describe, expect, it } from 'vitest';
import { type AgeClass, yearClasses } from './classes.js';
import { ageRange, ageTarget, classAges, exactTarget, INTERVAL_SUM, intervalTarget } from './targets.js';

const years = yearClasses();
/** The classes of Adience, with gaps between them. */
const groups: AgeClass[] = [
  [0, 2],
  [4, 6],
  [8, 13],
  [15, 20],
  [25, 32],
  [38, 43],
  [48, 53],
  [60, 100],
].map(([from, to]) => ({ from: from!, to: to! }));

const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);
const hot = (weights: Float32Array): number[] => [...weights].flatMap((w, k) => (w === 0 ? [] : [k]));

describe('an exact age', () => {
  it.each([
    [0, 0],
    [37, 37],
    [36.5, 37],
    [37.49, 37],
    [100, 100],
    [116, 100],
  ])('%d trains as year %d', (age, k) => {
    const weights = ageTarget(years, { age });
    expect(hot(weights)).toEqual([k]);
    expect(weights[k]).toBe(1);
  });

  it.each([
    [2, 0],
    [2.9, 0],
    [3, 1],
    [22, 3],
    [23, 4],
    [80, 7],
  ])('%d goes to the nearest of classes with gaps, number %d', (age, k) => {
    expect(hot(exactTarget(groups, age))).toEqual([k]);
  });

  it('below the first class trains as the first', () => {
    expect(hot(exactTarget(yearClasses(1, 100), 0))).toEqual([0]);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('is refused if it is %d', (age) => {
    expect(() => ageTarget(years, { age })).toThrow(`a number of years from 0 upwards, found ${age}`);
  });
});

describe('an age with a spread', () => {
  it('is the Gaussian’s probability of each year', () => {
    const weights = ageTarget(years, { age: 40, std: 2 });
    // Φ(0.25) − Φ(−0.25) and Φ(1.25) − Φ(0.75), from tables.
    expect(weights[40]).toBeCloseTo(0.1974127, 6);
    expect(weights[42]).toBeCloseTo(0.1209776, 6);
    expect(weights[38]).toBeCloseTo(weights[42]!, 6);
    expect(sum(weights)).toBeCloseTo(1, 6);
  });

  it('has the mean and the deviation of the label, that of a uniform year added', () => {
    const weights = ageTarget(years, { age: 50.3, std: 4 });
    const mean = weights.reduce((s, w, k) => s + w * k, 0);
    const variance = weights.reduce((s, w, k) => s + w * (k - mean) ** 2, 0);
    expect(mean).toBeCloseTo(50.3, 4);
    expect(variance).toBeCloseTo(16 + 1 / 12, 3);
  });

  it('returns the last class what lies above, and no age what lies below 0', () => {
    const old = ageTarget(years, { age: 110, std: 3 });
    expect(old[100]).toBeGreaterThan(0.999);
    const young = ageTarget(years, { age: 0, std: 2 });
    expect(sum(young)).toBeCloseTo(1, 6);
    expect(young[0]! / young[1]!).toBeCloseTo(0.1974127 / 0.1746663, 5);
  });

  it('fills the gaps between classes, and a spread of 0 is exact', () => {
    expect(sum(ageTarget(groups, { age: 22, std: 3 }))).toBeCloseTo(1, 6);
    expect(hot(ageTarget(groups, { age: 22, std: 0 }))).toEqual([3]);
    expect(() => ageTarget(groups, { age: 22, std: -1 })).toThrow('above 0 years, found -1');
  });
});

describe('an interval', () => {
  it('is every year inside', () => {
    const weights = ageTarget(years, { from: 20, to: 29 });
    expect(hot(weights)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    expect(sum(weights)).toBe(10);
  });

  it('counts classes by the share of their years inside', () => {
    // 12 and 13 of 8..13, all of 15..20, 25 and 26 of 25..32.
    const weights = intervalTarget(groups, 12, 26);
    [0, 0, 2 / 6, 1, 2 / 8, 0, 0, 0].forEach((share, k) => {
      expect(weights[k]).toBeCloseTo(share, 6);
    });
  });

  it('within one class is that class', () => {
    expect([...intervalTarget(groups, 26, 27)]).toEqual([...exactTarget(groups, 26)]);
    expect([...intervalTarget(years, 31, 31)]).toEqual([...exactTarget(years, 31)]);
  });

  it('over several classes always sums to more than a distribution', () => {
    const widest: AgeClass[] = [
      { from: 0, to: 0 },
      { from: 1, to: 100 },
    ];
    expect(sum(intervalTarget(widest, 0, 1))).toBeGreaterThan(INTERVAL_SUM);
    const halves: AgeClass[] = [
      { from: 20, to: 29 },
      { from: 30, to: 39 },
    ];
    expect([...intervalTarget(halves, 25, 34)]).toEqual([1, 1]);
  });

  it('above the last class trains as the last, and between two as the nearer', () => {
    const upTo80 = yearClasses(0, 80);
    expect(hot(intervalTarget(upTo80, 79, 95))).toEqual([79, 80]);
    expect(hot(intervalTarget(upTo80, 90, 95))).toEqual([80]);
    expect(hot(intervalTarget(groups, 22, 22))).toEqual([3]);
  });

  it('is refused upside down', () => {
    expect(() => ageTarget(years, { from: 30, to: 20 })).toThrow('go upwards, found 30 to 20');
  });
});

describe('what an expectation is held to', () => {
  it('is the age or the interval, within the classes', () => {
    expect(ageRange(years, { age: 37.5 })).toEqual([37.5, 37.5]);
    expect(ageRange(years, { age: 37.5, std: 3 })).toEqual([37.5, 37.5]);
    expect(ageRange(years, { from: 20, to: 29 })).toEqual([20, 29]);
    expect(ageRange(yearClasses(16, 80), { from: 10, to: 95 })).toEqual([16, 80]);
  });

  it('takes the middle of each class', () => {
    expect([...classAges(groups)]).toEqual([1, 5, 10.5, 17.5, 28.5, 40.5, 50.5, 80]);
  });
});
