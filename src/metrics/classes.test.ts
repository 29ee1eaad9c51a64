import { expect, it } from 'vitest';
import { type AgeLabel, CLASS_SETS, classLabel, yearClasses } from '../age/index.js';
import {
  classesOfEstimates,
  classProbabilities,
  likeliestClasses,
  predictedGenders,
  rightClasses,
  trueClasses,
} from './classes.js';
import { faceTable, YEARS } from './faces.js';

it('finds the classes that a label belongs to', () => {
  const groups = CLASS_SETS['groups-14'];
  const right = (label: AgeLabel) => rightClasses(groups, label).map((k) => classLabel(groups[k]!));
  expect(right({ age: 26 })).toEqual(['26-30']);
  expect(right({ age: 110 })).toEqual(['66+']);
  expect(right({ from: 21, to: 30 })).toEqual(['21-25', '26-30']);
  // A group that the classes cut: all they cover mostly, and that which holds half of it.
  expect(right({ from: 20, to: 29 })).toEqual(['21-25', '26-30']);
  expect(right({ from: 24, to: 27 })).toEqual(['21-25', '26-30']);
  expect(right({ from: 60, to: 69 })).toEqual(['61-65']);
  expect(right({ from: 70, to: 120 })).toEqual(['66+']);
  expect(
    rightClasses(
      [
        { from: 0, to: 17 },
        { from: 18, to: 100 },
      ],
      { from: 10, to: 19 },
    ),
  ).toEqual([0]);
  // Between the classes of Adience.
  expect(rightClasses(CLASS_SETS.adience, { from: 21, to: 24 })).toEqual([4]);
  expect(rightClasses(yearClasses(), { age: 30, std: 4 })).toEqual([30]);
});

it('takes of several right classes the one nearest to the predicted class', () => {
  // 20 to 43 covers 25-32 and 38-43.
  const wide: AgeLabel = { from: 20, to: 43 };
  const labels: AgeLabel[] = [{ age: 26 }, wide, wide, wide, wide];
  const table = faceTable([...labels.map((label) => ({ label })), {}]);
  expect([...trueClasses(table, CLASS_SETS.adience, [0, 5, 6, 2, -1, 1])]).toEqual([4, 5, 5, 4, 4, -1]);
  expect([...trueClasses(table, CLASS_SETS.adience)]).toEqual([4, -1, -1, -1, -1, -1]);
});

it('predicts a class by the probability of its years, or by the estimate', () => {
  // 40% in the years 0..2, 30% in 3, which is of no class, and 30% in 4..6.
  const years = new Float64Array(YEARS);
  years.set([0.2, 0.1, 0.1, 0.3, 0.1, 0.1, 0.1]);
  const table = faceTable([{ prediction: { age: { years } } }, {}]);
  const probabilities = classProbabilities(table, CLASS_SETS.adience);
  expect(probabilities[0]).toBeCloseTo(0.4, 6);
  expect(probabilities[1]).toBeCloseTo(0.3, 6);
  expect([...likeliestClasses(probabilities, 8)]).toEqual([0, -1]);
  // The mean is 2.7: nearer to 0-2 than to 4-6; the bound between is 3.
  expect([...classesOfEstimates(table, 'mean', CLASS_SETS.adience)]).toEqual([0, -1]);
});

it('predicts a gender by a threshold', () => {
  const table = faceTable(
    [0.4, 0.5, 0.6, undefined].map((female) => ({ prediction: female === undefined ? {} : { female } })),
  );
  expect([...predictedGenders(table)]).toEqual([1, 0, 0, -1]);
  expect([...predictedGenders(table, 0.55)]).toEqual([1, 1, 0, -1]);
});
