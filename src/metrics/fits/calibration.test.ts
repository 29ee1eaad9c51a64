import { describe, expect, it } from 'vitest';
import { type Gender, INTERVAL_COVERAGE } from '../../age/index.js';
import { Random } from '../../random/index.js';
import { ageErrors, errorFigures } from '../age-errors.js';
import { distributionFigures } from '../distribution-scores.js';
import { type FaceTable, faceTable, YEARS } from '../faces.js';
import { classificationFigures, predictedGenders } from '../index.js';
import { mean } from '../measure.js';
import { calibrateTable, fitCalibration } from './calibration.js';
import { intervalColumns } from './conformal.js';

/** The prediction whose probability of a year is proportional to e^(-f(d)), d the years from the centre. */
function around(centre: number, f: (d: number) => number): { readonly years: Float64Array } {
  const bump = Float64Array.from({ length: YEARS }, (_, y) => Math.exp(-f(y - centre)));
  const sum = bump.reduce((a, b) => a + b, 0);
  return { years: bump.map((p) => p / sum) };
}

/** A network that states ±8 years if it is off by 4, and is 3 years too old; it is right about gender with the threshold 0.3. */
function cautious(count: number, seed: number): FaceTable {
  const random = new Random(seed);
  return faceTable(
    Array.from({ length: count }, (_, i) => {
      const age = Math.round(random.between(20, 70));
      const prediction = around(age + 3 + 4 * random.normal(), (d) => d ** 2 / 128);
      const gender: Gender = i % 2 === 0 ? 'female' : 'male';
      const female = gender === 'female' ? random.between(0.2, 1) : random.between(0, 0.4);
      return { label: { age }, gender, prediction: { age: prediction, female } };
    }),
  );
}

/** Faces of some ages, with a normal error of so many years. */
function estimated(
  [youngest, oldest]: readonly [number, number],
  error: number,
  f: (d: number) => number,
): (count: number, seed: number) => FaceTable {
  return (count, seed) => {
    const random = new Random(seed);
    return faceTable(
      Array.from({ length: count }, () => {
        const age = Math.round(random.between(youngest, oldest));
        return { label: { age }, prediction: { age: around(age + error * random.normal(), f) } };
      }),
    );
  };
}

const teenagers = estimated([10, 30], 4, (d) => d ** 2 / 32);

/** With a long tail of older ages, of which the labels know nothing. */
const lopsided = estimated([20, 60], 3, (d) => d ** 2 / (d < 0 ? 18 : 18 + 8 * d));

describe('a calibration', () => {
  const fit = fitCalibration(cautious(1200, 1));
  const others = cautious(1200, 2);
  const calibrated = calibrateTable(others, fit);

  it('raises the likelihood on other faces and removes their bias', () => {
    const nll = (table: FaceTable) => distributionFigures(table).likelihood().nll!;
    // A Gaussian of 4 years: ln(4 √(2πe)) nats, and what its whole years and the fit add.
    expect(nll(calibrated)).toBeLessThan(Math.log(4 * Math.sqrt(2 * Math.PI * Math.E)) + 0.05);
    expect(nll(others)).toBeGreaterThan(nll(calibrated) + 0.2);
    const { bias } = errorFigures(ageErrors(calibrated, 'mean'))();
    expect(Math.abs(bias!)).toBeLessThan(0.5);
  });

  it('gives an interval with the right coverage on other faces', () => {
    expect(fit.interval!.coverage).toBe(INTERVAL_COVERAGE);
    const held = mean(intervalColumns(calibrated, fit.interval!).coverage)();
    expect(Math.abs(held - INTERVAL_COVERAGE)).toBeLessThan(0.03);
  });

  it('puts the threshold of gender at one half', () => {
    expect(fit.femaleFrom).toBeGreaterThan(0.19);
    expect(fit.femaleFrom).toBeLessThan(0.41);
    const right = (table: FaceTable) =>
      classificationFigures(table.gender, predictedGenders(table), 2)().balancedAccuracy!;
    expect(right(calibrated)).toBeCloseTo(
      classificationFigures(others.gender, predictedGenders(others, fit.femaleFrom!), 2)().balancedAccuracy!,
      12,
    );
    expect(right(calibrated)).toBeGreaterThan(right(others));
  });

  it('fits nothing on too few faces', () => {
    const { bias, interval, femaleFrom, faces } = fitCalibration(cautious(90, 3));
    expect({ bias, interval, femaleFrom, faces }).toEqual({
      bias: null,
      interval: null,
      femaleFrom: null,
      faces: 90,
    });
  });

  it('with a chosen temperature moves means towards the likeliest years, and keeps the coverage of the interval', () => {
    const skewed = [2, 3].map((seed) => lopsided(1200, seed));
    const error = (table: FaceTable) => errorFigures(ageErrors(table, 'mean'))().mae!;
    const sharp = fitCalibration(skewed[0]!, { temperature: 0.4, minors: 1.01 });
    expect(sharp).toMatchObject({ temperature: 0.4, spread: 0 });
    const after = calibrateTable(skewed[1]!, sharp);
    expect(error(after)).toBeLessThan(error(skewed[1]!) - 0.3);
    const held = mean(intervalColumns(after, sharp.interval!).coverage)();
    expect(Math.abs(held - INTERVAL_COVERAGE)).toBeLessThan(0.03);
  });

  describe('that favours the ages around 13', () => {
    const [table, unseen] = [teenagers(1200, 4), teenagers(1200, 5)];
    const plain = fitCalibration(table);
    const favoured = fitCalibration(table, { minors: 3 });

    it('makes them so many times likelier, and corrects no bias', () => {
      const more = (year: number) => favoured.logWeights![year]! - (plain.logWeights?.[year] ?? 0);
      expect(more(13)).toBeCloseTo(Math.log(3), 3);
      // One and three deviations of 4 years away.
      expect(more(17)).toBeCloseTo(Math.log(3) * Math.exp(-1 / 2), 3);
      expect(more(9)).toBeCloseTo(more(17), 10);
      expect(more(25)).toBeCloseTo(Math.log(3) * Math.exp(-9 / 2), 3);
      expect(favoured.bias).toBeNull();
    });

    it('estimates fewer minors as adults and more adults as minors', () => {
      const share = (fit: typeof plain, minors: boolean) => {
        const { low, mean: ages } = calibrateTable(unseen, fit);
        const those = Array.from(ages).filter((_, i) => low[i]! < 18 === minors);
        return those.filter((age) => age >= 18 === minors).length / those.length;
      };
      expect(share(favoured, true)).toBeLessThan(share(plain, true) - 0.05);
      expect(share(favoured, false)).toBeGreaterThan(share(plain, false));
    });

    it('keeps the coverage of the interval', () => {
      const held = mean(intervalColumns(calibrateTable(unseen, favoured), favoured.interval!).coverage)();
      expect(Math.abs(held - INTERVAL_COVERAGE)).toBeLessThan(0.03);
    });
  });
});
