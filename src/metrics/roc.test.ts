import { describe, expect, it } from 'vitest';
import { areaUnderCurve, classAreas, macroArea, microArea, rocCurve } from './roc.js';
import { expectListNear, expectNear, fixture } from './testing.js';

const { truth, scores, positive, female, weights } = fixture.faces;
const classes = { scores, truth, size: 5 };

describe('the ROC curve', () => {
  it("is scikit-learn's, equal scores passing together", () => {
    const curve = rocCurve(female, positive);
    expectListNear(curve.falsePositiveRate, fixture.roc.falsePositiveRate);
    expectListNear(curve.truePositiveRate, fixture.roc.truePositiveRate);
    expect(curve.thresholds[0]).toBe(Number.POSITIVE_INFINITY);
    expectListNear(curve.thresholds.slice(1), fixture.roc.thresholds);
  });

  it('leaves out faces without a score or a truth', () => {
    expect(rocCurve([0.9, Number.NaN, 0.2, 0.5], [1, 1, 0, -1])).toEqual({
      falsePositiveRate: [0, 0, 1],
      truePositiveRate: [0, 1, 1],
      thresholds: [Number.POSITIVE_INFINITY, 0.9, 0.2],
    });
  });
});

describe('the area under it', () => {
  it("is scikit-learn's: with ties, of each class, macro and micro", () => {
    expectNear(
      {
        tied: areaUnderCurve(female, positive)(),
        macro: macroArea(classAreas(classes).map((area) => area())),
        micro: microArea(classes)(),
      },
      { tied: fixture.roc.tied, macro: fixture.roc.macro, micro: fixture.roc.micro },
    );
    expectListNear(
      classAreas(classes)
        .slice(0, 4)
        .map((area) => area()),
      fixture.roc.areas,
    );
  });

  it("is scikit-learn's of weighted faces", () => {
    expectListNear(
      classAreas(classes)
        .slice(0, 4)
        .map((area) => area(weights)),
      fixture.roc.weightedAreas,
    );
    expectNear({ micro: microArea(classes)(weights) }, { micro: fixture.roc.weightedMicro });
  });

  it('is not defined of one kind of faces', () => {
    expect(areaUnderCurve([0.1, 0.2], [1, 1])()).toBeNaN();
    expect(classAreas(classes)[4]!()).toBeNaN();
  });
});
