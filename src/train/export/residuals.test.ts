import { describe, expect, it } from 'vitest';
import { ageStatistics, classAges, probabilityAtLeast, yearClasses } from '../../age/index.js';
import { Random } from '../../random/index.js';
import { type EstimatedFace, residualDistributions } from './residuals.js';

const classes = yearClasses();
const years = classAges(classes);
const random = new Random(3);
/** Estimates that are off by a Gaussian, whose deviation grows from 2 years at the age of 0 to 8 at that of 60. */
const faces = (count: number): EstimatedFace[] =>
  Array.from({ length: count }, () => {
    const age = Math.floor(random.between(0, 61));
    return { estimate: Math.max(0, age + (2 + age / 10) * random.normal()), low: age, high: age };
  });

const at = (rows: Float32Array, estimate: number) => ({
  classes,
  probabilities: rows.subarray(Math.round(estimate) * 101, Math.round(estimate) * 101 + 101),
});

describe('distributions from residuals', () => {
  const rows = residualDistributions(faces(3000), years);

  it('are wider where residuals are', () => {
    const deviation = (estimate: number) => ageStatistics(at(rows, estimate)).std;
    expect(deviation(5)).toBeGreaterThan(1.5);
    expect(deviation(5)).toBeLessThan(4.5);
    expect(deviation(45)).toBeGreaterThan(4.5);
    expect(deviation(45)).toBeLessThan(9);
  });

  it('hold nine ages of ten in their intervals, and are as sure of an adult as they may be', () => {
    const others = faces(3000);
    let [held, adults, expected] = [0, 0, 0];
    for (const { estimate, low } of others) {
      const distribution = at(rows, estimate);
      const [from, to] = ageStatistics(distribution).interval;
      if (low >= from && low <= to) held++;
      if (Math.abs(estimate - 18) > 5) continue;
      expected += probabilityAtLeast(distribution, 18);
      if (low >= 18) adults++;
    }
    expect(held / others.length).toBeGreaterThan(0.86);
    expect(held / others.length).toBeLessThan(0.95);
    expect(Math.abs(expected / adults - 1)).toBeLessThan(0.15);
  });

  it('are of the tenth of faces whose estimates are nearest', () => {
    // Estimates up to 50 are right, others 10 years too low; 15 years from them are three times as far as that tenth reaches.
    const halves = Array.from({ length: 2001 }, (_, i) => {
      const estimate = i / 20;
      const age = estimate <= 50 ? estimate : estimate + 10;
      return { estimate, low: age, high: age };
    });
    const { mean } = ageStatistics(at(residualDistributions(halves, years), 35));
    expect(mean).toBeGreaterThan(34.9);
    expect(mean).toBeLessThan(35.1);
    expect(ageStatistics(at(residualDistributions(halves, years), 45)).mean).toBeGreaterThan(46);
  });

  it('are distributions also if no face was, and of groups', () => {
    const grouped = residualDistributions([{ estimate: 24, low: 20, high: 29 }], years);
    for (const table of [rows, grouped]) {
      for (let k = 0; k <= 100; k++) {
        expect(table.subarray(101 * k, 101 * k + 101).reduce((a, b) => a + b)).toBeCloseTo(1, 4);
      }
    }
    expect(ageStatistics(at(grouped, 24)).std).toBeGreaterThan(2.8);
    expect(() => residualDistributions([], years)).toThrow('expected at least one face, found none');
  });
});
