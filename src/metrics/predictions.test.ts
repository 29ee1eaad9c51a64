import { describe, expect, it } from 'vitest';
import { CLASS_SETS, yearClasses } from '../age/index.js';
import { Predictions } from './predictions.js';

/** Probabilities `[N, K]` from rows. */
const rows = (...list: readonly number[][]) => Float32Array.from(list.flat());

describe('predictions', () => {
  it('have figures of the expectation, the most probable class and the spread', () => {
    const predictions = new Predictions(yearClasses(20, 22));
    // Expected 20.5, 22 and 21; two faces of which the most probable class is theirs.
    predictions.addAges(rows([0.5, 0.5, 0], [0, 0, 1], [0.1, 0.8, 0.1]), [
      { age: 20 },
      { age: 22 },
      undefined,
    ]);
    predictions.addAges(rows([0.25, 0.5, 0.25]), [{ age: 24 }]);
    const { mae, accuracy, spread } = predictions.figures();
    expect(mae).toBeCloseTo((0.5 + 0 + 3) / 3, 6);
    expect(accuracy).toBeCloseTo(2 / 3, 12);
    const deviation = (values: number[]) => {
      const mean = values.reduce((a, b) => a + b) / values.length;
      return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
    };
    expect(spread).toBeCloseTo(deviation([20.5, 22, 21]) / deviation([20, 22, 24]), 6);
  });

  it('count any class of an interval as right, and no error inside it', () => {
    const predictions = new Predictions(CLASS_SETS['groups-14']);
    const sure = (k: number) => CLASS_SETS['groups-14'].map((_, i) => Number(i === k));
    predictions.addAges(rows(sure(4), sure(6)), [
      { from: 20, to: 29 },
      { from: 20, to: 29 },
    ]);
    const { mae, accuracy } = predictions.figures();
    expect(accuracy).toBe(0.5);
    const cut = new Predictions(CLASS_SETS['groups-14']);
    cut.addAges(rows(sure(5)), [{ from: 20, to: 29 }]);
    expect(cut.figures().accuracy).toBe(1);
    // The class 31-35 stands for 33.
    expect(mae).toBeCloseTo((0 + 4) / 2, 6);
  });

  it('count genders, and leave out unknown labels', () => {
    const predictions = new Predictions();
    predictions.addGenders(rows([0.9, 0.1], [0.2, 0.8], [0.5, 0.5]), ['female', 'female', undefined]);
    expect(predictions.figures()).toEqual({ gender: 0.5 });
  });

  it('count predictions of each class, one inside an interval as right', () => {
    const classes = CLASS_SETS['groups-8'];
    const predictions = new Predictions(classes);
    const sure = (k: number) => classes.map((_, i) => Number(i === k));
    // Classes 1 and 2 are 6-18 and 19-25.
    predictions.addAges(rows(sure(1), sure(2), sure(2), sure(0)), [
      { age: 10 },
      { age: 10 },
      { from: 6, to: 25 },
      undefined,
    ]);
    const { age, gender } = predictions.confusions();
    expect(gender).toBeUndefined();
    expect(age!.labels.slice(0, 3)).toEqual(['1-5', '6-18', '19-25']);
    expect(age!.counts.slice(0, 3).map((row) => row.slice(0, 3))).toEqual([
      [0, 0, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
    expect(age!.counts.flat().reduce((a, b) => a + b)).toBe(3);
  });

  it('count years by the bands that expected ages fall into', () => {
    const classes = yearClasses();
    const predictions = new Predictions(classes);
    // Half of 17 and half of 18 make 17.5, which is not yet 18.
    const two = classes.map((_, k) => (k === 17 || k === 18 ? 0.5 : 0));
    predictions.addAges(rows(two, two, two), [{ age: 17 }, { age: 20 }, { from: 15, to: 30 }]);
    predictions.addGenders(rows([0.9, 0.1], [0.2, 0.8]), ['female', 'female']);
    const { age, gender } = predictions.confusions();
    const [ten, eighteen] = [age!.labels.indexOf('10-17'), age!.labels.indexOf('18-25')];
    expect(age!.counts[ten]![ten]).toBe(2);
    expect(age!.counts[eighteen]![ten]).toBe(1);
    expect(gender).toEqual({
      labels: ['female', 'male'],
      counts: [
        [1, 1],
        [0, 0],
      ],
    });
  });

  it('keep the mean distribution of each true class', () => {
    const predictions = new Predictions(yearClasses(1, 2));
    predictions.addAges(rows([1, 0], [0.5, 0.5], [0, 1]), [{ age: 1 }, { age: 1 }, { age: 2 }]);
    expect(predictions.separation()).toEqual({
      labels: ['1', '2'],
      classes: [
        { label: '1', count: 2, mean: [0.75, 0.25] },
        { label: '2', count: 1, mean: [0, 1] },
      ],
      // Of the face nearest to 40 years.
      face: { age: 2, probabilities: [0, 1] },
    });
  });
});
