import { describe, expect, it } from 'vitest';
import { conformalInterval, correctBias, sharpen } from '../../age/index.js';
import { Random } from '../../random/index.js';
import { faceTable, YEARS, yearsOf } from '../faces.js';
import { expectListNear, expectNear, fixture, TABLE } from '../testing.js';
import { fitBias } from './bias.js';
import { conformalQuantile, fitConformal } from './conformal.js';
import { fitSharpness } from './sharpness.js';
import { fitThreshold } from './threshold.js';

/** A Gaussian over the years. */
function gaussian(centre: number, std: number): Float64Array {
  const years = Float64Array.from({ length: YEARS }, (_, y) =>
    Math.exp(-((y - centre) ** 2) / (2 * std ** 2)),
  );
  const sum = years.reduce((a, b) => a + b, 0);
  return years.map((p) => p / sum);
}

/** Faces with predicted distributions of deviation `std` whose labels deviate by `off`, both in years. */
function facesOf(count: number, { std, off }: { std: number; off: number }, seed = 1) {
  const random = new Random(seed);
  return faceTable(
    Array.from({ length: count }, () => {
      const centre = random.between(35, 65);
      return {
        label: { age: Math.round(centre + off * random.normal()) },
        prediction: { age: { years: gaussian(centre, std) } },
      };
    }),
  );
}

describe('the correction of bias', () => {
  it("is NumPy's least squares, linear between knots", () => {
    const fit = fitBias(TABLE.mean, TABLE.low, fixture.fits.knots);
    expectListNear(fit.ages, fixture.fits.ages);
    expect(correctBias(fit, 20)).toBeCloseTo(fit.ages[1]!, 12);
    expect(correctBias(fit, 25) - 25).toBeCloseTo(
      0.75 * (fit.ages[1]! - 20) + 0.25 * (fit.ages[2]! - 40),
      12,
    );
    expect(correctBias(fit, 90) - 90).toBeCloseTo(fit.ages[3]! - 60, 12);
  });

  it('is zero where there are no faces, and ignores unknown values', () => {
    const { ages } = fitBias([Number.NaN, 30], [20, Number.NaN], [0, 50]);
    expect(ages).toEqual([0, 50]);
  });

  it('keeps the order of faces', () => {
    const estimates = Array.from({ length: 400 }, (_, i) => (i % 2 ? 20 : 30));
    const ages = estimates.map((e) => (e === 20 ? 40 : 22));
    const fit = fitBias(estimates, ages, [10, 20, 30, 40]);
    expect(fit.ages[1]).toBeCloseTo(fit.ages[2]!, 12);
    expect([...fit.ages].sort((a, b) => a - b)).toEqual(fit.ages);
  });
});

describe('sharpness', () => {
  it.each(fixture.fits.losses)(
    'has the losses of an independent implementation: temperature %f, spread %f',
    (temperature, spread, wanted) => {
      let loss = 0;
      for (let i = 0; i < TABLE.count; i++) {
        const years = sharpen(yearsOf(TABLE, i)!, { temperature: temperature!, spread: spread! });
        expect(years.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        loss -= Math.log(Math.max(1e-12, years[Math.min(100, TABLE.low[i]!)]!)) / TABLE.count;
      }
      expectNear({ loss }, { loss: wanted! });
    },
  );

  it('is at least as good as any point of a grid', () => {
    const fit = fitSharpness(TABLE);
    const [before] = fixture.fits.losses.filter(([t, s]) => t === 1 && s === 0);
    expectNear({ before: fit.nllBefore }, { before: before![2]! });
    for (const [, , loss] of fixture.fits.losses) expect(fit.nll).toBeLessThanOrEqual(loss!);
    expect(fit.faces).toBe(TABLE.count);
  });

  it('lowers the temperature of an underconfident network, and spreads an overconfident one', () => {
    // A Gaussian to the power 1 / T is one of variance T · σ².
    const cautious = fitSharpness(facesOf(600, { std: 6, off: 4 }));
    expect(Math.sqrt(cautious.temperature * 36 + cautious.spread ** 2)).toBeCloseTo(4, 0);
    expect(cautious.temperature).toBeLessThan(0.6);
    const sure = fitSharpness(facesOf(600, { std: 2, off: 4 }));
    expect(Math.sqrt(sure.temperature * 4 + sure.spread ** 2)).toBeCloseTo(4, 0);
  });

  it('spreads by at least as many years as asked for', () => {
    const faces = facesOf(600, { std: 4, off: 4 });
    const free = fitSharpness(faces);
    expect(free.spread).toBeLessThan(4.5);
    const spread = fitSharpness(faces, undefined, 5);
    expect(spread.spread).toBeCloseTo(5, 2);
    expect(spread.nll).toBeGreaterThanOrEqual(free.nll);
    expect(spread.nll).toBeLessThan(free.nll + 0.1);
  });

  it('keeps a temperature that was chosen, and spreads no more than asked for', () => {
    const faces = facesOf(600, { std: 4, off: 4 });
    const { nll, nllBefore, ...sharpness } = fitSharpness(faces, undefined, 1, 0.5);
    expect(sharpness).toEqual({ temperature: 0.5, spread: 1, faces: 600 });
    expect(nll).toBeGreaterThan(nllBefore);
  });

  it('is not fitted without faces', () => {
    expect(() => fitSharpness(faceTable([{ label: { age: 3 } }]))).toThrow('found none');
  });
});

describe('the threshold', () => {
  it('has the best balanced accuracy that scikit-learn finds', () => {
    const { female, positive } = fixture.faces;
    const { balancedAccuracy, threshold } = fitThreshold(female, positive);
    expectNear({ balancedAccuracy }, { balancedAccuracy: fixture.roc.balancedAccuracy });
    const recall = (kind: number) => {
      const of = female.filter((_, i) => positive[i] === kind);
      return of.filter((p) => p >= threshold === (kind === 1)).length / of.length;
    };
    expect((recall(0) + recall(1)) / 2).toBeCloseTo(balancedAccuracy, 12);
  });

  it('lies halfway, nearest to a half among equals', () => {
    expect(fitThreshold([0.9, 0.8, 0.1], [1, 1, 0])).toEqual({
      threshold: (0.8 + 0.1) / 2,
      balancedAccuracy: 1,
    });
    expect(fitThreshold([0.9, 0.6, 0.4, 0.2], [1, 0, 1, 0])).toMatchObject({
      balancedAccuracy: 0.75,
      threshold: (0.4 + 0.2) / 2,
    });
    expect(() => fitThreshold([0.9, 0.8], [1, 1])).toThrow('both kinds');
  });
});

describe('the conformal interval', () => {
  it('is widened like an independent implementation', () => {
    expectNear({ ...fitConformal(TABLE, 0.8) }, { widening: fixture.fits.widening80, faces: TABLE.count });
  });

  it('takes the score of the right rank', () => {
    const scores = [5, 1, 9, 3, 7, 2, 8, 4, 6];
    expect(conformalQuantile(scores, 0.9)).toBe(9);
    expect(conformalQuantile(scores, 0.5)).toBe(5);
    expect(conformalQuantile(scores, 0.91)).toBe(Number.POSITIVE_INFINITY);
  });

  it('counts several sets the same, whatever their sizes', () => {
    expect(conformalQuantile([1, 2, 3, 4], 0.5, [2, 2, 0.5, 0.5])).toBe(2);
    const [large, small] = [facesOf(2000, { std: 4, off: 4 }), facesOf(200, { std: 4, off: 10 }, 2)];
    const rows = (table: typeof large, set: string) =>
      Array.from({ length: table.count }, (_, i) => ({
        label: { age: table.low[i]! },
        columns: { set },
        prediction: { age: { years: yearsOf(table, i)! } },
      }));
    const both = [rows(large, 'large'), rows(small, 'small')] as const;
    const { widening } = fitConformal(faceTable(both.flat()), 0.9);
    const held = both.map((faces) => {
      const inside = faces.filter(({ label, prediction }) => {
        const [low, high] = conformalInterval(prediction.age.years, { coverage: 0.9, widening });
        return low <= label.age && label.age <= high;
      });
      return inside.length / faces.length;
    });
    expect((held[0]! + held[1]!) / 2).toBeCloseTo(0.9, 2);
    expect(held[1]).toBeLessThan(held[0]!);
    // Of all faces together it holds more.
    expect(
      fitConformal(faceTable([...rows(large, 'one'), ...rows(small, 'one')]), 0.9).widening,
    ).toBeLessThan(widening);
  });

  it.each([
    ['sure', 2],
    ['cautious', 9],
  ])('holds the ages of other faces, of a network that is too %s', (_, std) => {
    const interval = fitConformal(facesOf(2000, { std, off: 4 }), 0.9);
    const others = facesOf(2000, { std, off: 4 }, 2);
    const held = Array.from(others.low, (age, i) => {
      const [low, high] = conformalInterval(yearsOf(others, i)!, interval);
      return age >= low && age <= high;
    });
    // Three deviations of both samples: 3 · √(2 · 0.09 / 2000).
    expect(Math.abs(held.filter(Boolean).length / 2000 - 0.9)).toBeLessThan(0.03);
  });

  it('never begins below 0 or ends before it begins', () => {
    const years = gaussian(3, 2);
    expect(conformalInterval(years, { coverage: 0.9, widening: 9 })[0]).toBe(0);
    const [low, high] = conformalInterval(years, { coverage: 0.9, widening: -50 });
    expect(low).toBe(high);
  });
});
