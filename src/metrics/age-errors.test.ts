import { describe, expect, it } from 'vitest';
import { ageBands, ageErrors, epsilonErrors, errorFigures, insideRange, yearsOff } from './age-errors.js';
import { faceTable } from './faces.js';
import { mean } from './measure.js';
import { expectNear, fixture, TABLE } from './testing.js';

const estimated = (age: number, label: Parameters<typeof yearsOff>[1] | undefined) => ({
  label,
  prediction: { age: { mean: age } },
});

describe('errors', () => {
  it('are distances from an age, and from an interval if outside', () => {
    expect([25, 31].map((age) => yearsOff(age, { age: 30 }))).toEqual([5, 1]);
    expect([19, 20, 25, 29, 33].map((age) => yearsOff(age, { from: 20, to: 29 }))).toEqual([1, 0, 0, 0, 4]);
    expect(yearsOff(100, { age: 116 })).toBe(16);
  });

  it('are signed, and NaN without an estimate or a label', () => {
    const table = faceTable([
      estimated(25, { age: 30 }),
      estimated(33, { from: 20, to: 29 }),
      estimated(22, { from: 20, to: 29 }),
      estimated(22, undefined),
      { label: { age: 30 } },
    ]);
    expect([...ageErrors(table, 'mean')]).toEqual([-5, 4, 0, Number.NaN, Number.NaN]);
  });

  it.each([
    ['mean', undefined],
    ['median', undefined],
    ['weighted', fixture.faces.weights],
  ] as const)("have scikit-learn's figures: %s", (name, weights) => {
    const errors = ageErrors(TABLE, name === 'median' ? 'median' : 'mean');
    const { macro, ...figures } = fixture.errors[name];
    expectNear(errorFigures(errors, ageBands(TABLE))(weights), { ...figures, macroMae: macro });
    expect(errorFigures(errors)(weights)).not.toHaveProperty('macroMae');
  });
});

it('scores errors of k years as within k', () => {
  const figures = errorFigures(Float64Array.of(0, -1, 1.01, 10.5, Number.NaN))();
  expect([0, 1, 2, 10].map((k) => figures[`cs${k}`])).toEqual([0.25, 0.5, 0.75, 0.75]);
});

describe('the epsilon-error', () => {
  it('is 1 − e^(−1/2) one deviation off, and NaN without a deviation', () => {
    const table = faceTable([
      estimated(34, { age: 30, std: 4 }),
      estimated(30, { age: 30, std: 4 }),
      estimated(30, { age: 31 }),
    ]);
    const [off, on, unknown] = epsilonErrors(table, 'mean');
    expect(off).toBeCloseTo(1 - Math.exp(-0.5), 12);
    expect(on).toBe(0);
    expect(unknown).toBeNaN();
  });

  it('is one minus the ratio of two densities', () => {
    expectNear({ epsilon: mean(epsilonErrors(TABLE, 'mean'))() }, { epsilon: fixture.errors.epsilon });
  });
});

it('weighs all bands with faces alike', () => {
  const errors = Float64Array.of(1, 3, 10, Number.NaN);
  const figures = errorFigures(errors, Int32Array.of(0, 0, 2, 1));
  expect(figures().macroMae).toBe(6);
  expect(figures([1, 0, 1, 1]).macroMae).toBe(5.5);
});

it('decides whether an age, rounded to a year, is inside a labelled range', () => {
  const rows = [
    [20, 29, 29.4],
    [20, 29, 29.5],
    [20, 29, 19.5],
    [20, 29, 19.4],
    [70, 100, 102],
    [30, 30, 30],
    [20, 29, undefined],
  ] as const;
  const table = faceTable(
    rows.map(([from, to, mean]) => ({
      label: from === to ? { age: from } : { from, to },
      ...(mean !== undefined && { prediction: { age: { mean } } }),
    })),
  );
  expect([...insideRange(table, 'mean')]).toEqual([1, 0, 1, 0, 1, Number.NaN, Number.NaN]);
});
