import { describe, expect, it } from 'vitest';
import { Random } from '../random/index.js';
import { areaUnderCurve, classAreas, rocCurve } from './roc.js';
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
    const { classes: areas, macro, micro } = classAreas(classes)();
    expectNear(
      { tied: areaUnderCurve(female, positive)(), macro, micro },
      { tied: fixture.roc.tied, macro: fixture.roc.macro, micro: fixture.roc.micro },
    );
    expectListNear(areas.slice(0, 4), fixture.roc.areas);
  });

  it("is scikit-learn's for weighted faces", () => {
    const { classes: areas, micro } = classAreas(classes)(weights);
    expectListNear(areas.slice(0, 4), fixture.roc.weightedAreas);
    expectNear({ micro }, { micro: fixture.roc.weightedMicro });
  });

  it('is exact unweighted, and within a thousandth weighted, for more scores than draws keep apart', () => {
    const random = new Random(2);
    const kinds = Array.from({ length: 3000 }, () => Number(random.chance(0.3)));
    const many = kinds.map((kind) => kind + random.normal());
    const counts = kinds.map(() => random.below(3));
    const area = areaUnderCurve(many, kinds);
    /** Of all pairs, the share in which the positive face scores higher. */
    const pairs = (times: readonly number[]) => {
      let [above, all] = [0, 0];
      kinds.forEach((a, i) => {
        if (a !== 1) return;
        kinds.forEach((b, j) => {
          if (b !== 0) return;
          all += times[i]! * times[j]!;
          if (many[i]! > many[j]!) above += times[i]! * times[j]!;
        });
      });
      return above / all;
    };
    expect(area()).toBeCloseTo(pairs(kinds.map(() => 1)), 12);
    expect(Math.abs(area(counts) - pairs(counts))).toBeLessThan(1e-3);
    expect(area(counts)).not.toBe(area());
  });

  it('is exact unweighted, and within a thousandth weighted, for many scores of several classes', () => {
    const random = new Random(4);
    const size = 4;
    const own = Array.from({ length: 2000 }, () => random.below(size));
    // Most scores are near 0, as those of classes far from the face's age.
    const soft = own.flatMap((k) =>
      Array.from({ length: size }, (_, c) => Math.exp(-3 * Math.abs(k - c + random.normal()))),
    );
    const times = own.map(() => random.below(3));
    const areas = classAreas({ scores: soft, truth: own, size });
    const repeat = <T>(list: readonly T[], of: (i: number) => number) =>
      list.flatMap((value, i) => new Array<T>(of(i)).fill(value));
    const repeated = repeat(own, (i) => times[i]!);
    const repeatedScores = own.flatMap((_, i) =>
      repeat([soft.slice(i * size, (i + 1) * size)], () => times[i]!).flat(),
    );
    const exact = classAreas({ scores: repeatedScores, truth: repeated, size })();
    for (let k = 0; k < size; k++) {
      const column = (scores: readonly number[]) => scores.filter((_, i) => i % size === k);
      const alone = areaUnderCurve(
        column(soft),
        own.map((is) => Number(is === k)),
      );
      expect(areas().classes[k]).toBe(alone());
      expect(Math.abs(areas(times).classes[k]! - exact.classes[k]!)).toBeLessThan(1e-3);
    }
    expect(Math.abs(areas(times).micro - exact.micro)).toBeLessThan(1e-3);
    expect(areas(times).micro).not.toBe(areas().micro);
  });

  it('is undefined if all faces are of one kind', () => {
    expect(areaUnderCurve([0.1, 0.2], [1, 1])()).toBeNaN();
    expect(classAreas(classes)().classes[4]).toBeNaN();
  });
});
