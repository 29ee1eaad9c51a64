import { expect, it } from 'vitest';
import { calibrationError, reaches, reliability } from './calibration-error.js';
import { probabilitiesAtLeast } from './distribution-scores.js';
import { faceTable } from './faces.js';
import { areaUnderCurve } from './roc.js';
import { expectNear, fixture, TABLE } from './testing.js';

it('sorts probabilities into bins that exclude their upper ends, except the last', () => {
  const bins = reliability([0, 0.4, 0.5, 1, 0.9, Number.NaN, 0.1], [0, 1, 1, 1, 0, 1, -1], 2);
  expect(bins).toEqual([
    { from: 0, to: 0.5, count: 2, predicted: 0.2, true: 0.5 },
    { from: 0.5, to: 1, count: 3, predicted: 2.4 / 3, true: 2 / 3 },
  ]);
});

it('weighs the error of each bin by its faces', () => {
  // Two faces predicted 0.2, one of them positive; two predicted 1, both positive: half of 0.3.
  expect(calibrationError([0.2, 0.2, 1, 1], [1, 0, 1, 1], 10)()).toBeCloseTo(0.15, 12);
  expect(calibrationError([0.2, 0.2, 1, 1], [1, 0, 1, 1], 10)([2, 2, 1, 0])).toBeCloseTo(0.8 * 0.3, 12);
});

it('decides whether an age is reached, for an interval by both ends', () => {
  const labels = [
    { age: 17.9 },
    { age: 18 },
    { from: 10, to: 17 },
    { from: 18, to: 24 },
    { from: 15, to: 20 },
  ];
  const table = faceTable([...labels.map((label) => ({ label })), {}]);
  expect([...reaches(table, 18)]).toEqual([0, 1, 0, 1, -1, -1]);
});

it('has the figures of an independent implementation', () => {
  const adultProbabilities = probabilitiesAtLeast(TABLE, 18);
  const is = reaches(TABLE, 18);
  expectNear(
    {
      calibrationError: calibrationError(adultProbabilities, is)(),
      calibrationError4: calibrationError(adultProbabilities, is, 4)(),
      auc: areaUnderCurve(adultProbabilities, is)(),
    },
    fixture.atLeast18,
  );
});
