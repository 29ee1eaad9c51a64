import { expect, it } from 'vitest';
import { likeliestClasses } from './classes.js';
import { classFigures, classificationFigures, confusionMatrix } from './confusion.js';
import { expectListNear, expectNear, fixture } from './testing.js';

const { truth, scores, weights } = fixture.faces;
const predicted = likeliestClasses(Float64Array.from(scores), 5);

it("has scikit-learn's confusion matrix and its figures of each class", () => {
  const matrix = confusionMatrix(truth, predicted, 5);
  expectListNear(matrix.counts, fixture.classes.confusion);
  const classes = classFigures(matrix);
  for (const name of ['precision', 'recall', 'f1', 'support'] as const) {
    expectListNear(
      classes.map((c) => c[name]),
      fixture.classes[name],
    );
  }
});

it.each([
  ['plain', undefined],
  ['weighted', weights],
] as const)("has scikit-learn's figures over all classes: %s", (name, w) => {
  expectNear(classificationFigures(truth, predicted, 5)(w), fixture.classes[name]);
});

it('leaves out faces of unknown class and those without a prediction', () => {
  expect([...confusionMatrix([0, 1, -1, 1], [1, 1, 0, -1], 2).counts]).toEqual([0, 1, 0, 1]);
});
