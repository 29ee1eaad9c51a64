import { describe, expect, it } from 'vitest';
import { sharpen } from '../../age/index.js';
import { Random } from '../../random/index.js';
import { negativeLogLikelihood } from '../distribution-scores.js';
import { type FaceTable, faceTable, YEARS, yearsOf } from '../faces.js';
import { balancedWeights, FOLDS, foldsOf } from './balance.js';
import { crossValidatedLogWeights, fitLogWeights } from './log-weights.js';

const SHARP = { temperature: 1, spread: 0 };

/** Teenagers are likelier by up to e^1.5 than the network thinks. */
const MISSED = Float64Array.from({ length: YEARS }, (_, y) => 1.5 * Math.exp(-((y - 13) ** 2) / 50));

/** Faces whose ages are drawn from their predicted distributions times e^w. */
function drawn(count: number, w: ArrayLike<number>, seed: number): FaceTable {
  const random = new Random(seed);
  return faceTable(
    Array.from({ length: count }, () => {
      const centre = random.between(5, 60);
      const bump = Float64Array.from({ length: YEARS }, (_, y) => Math.exp(-((y - centre) ** 2) / 72));
      const sum = bump.reduce((a, b) => a + b, 0);
      const years = bump.map((p) => p / sum);
      const raised = years.map((p, y) => p * Math.exp(w[y]!));
      let left = random.uniform() * raised.reduce((a, b) => a + b, 0);
      const age = raised.findIndex((p) => {
        left -= p;
        return left < 0;
      });
      return { label: { age }, prediction: { age: { years } } };
    }),
  );
}

describe('weights of years', () => {
  const ones = new Float64Array(4000).fill(1);

  it('are recovered up to a constant that makes no difference', () => {
    const w = fitLogWeights(drawn(2500, MISSED, 1), SHARP, ones.subarray(0, 2500), 1e-3);
    const above = (at: number) => w[at]! - (w[35]! + w[45]!) / 2;
    for (const year of [8, 13, 18, 25]) expect(Math.abs(above(year) - MISSED[year]!)).toBeLessThan(0.4);
  });

  it('maximize the penalized likelihood of an independent implementation', () => {
    const table = drawn(150, MISSED, 2);
    const [temperature, spread, penalty] = [0.8, 2, 0.01];
    const best = fitLogWeights(table, { temperature, spread }, ones.subarray(0, 150), penalty);
    const loss = (logWeights: readonly number[]) => {
      let sum = 0;
      for (let i = 0; i < 150; i++) {
        const years = sharpen(yearsOf(table, i)!, { temperature, spread, logWeights });
        sum += negativeLogLikelihood(years, table.low[i]!, table.high[i]!) / 150;
      }
      const knots = logWeights.filter((_, y) => y % 5 === 0);
      knots.forEach((value, k) => {
        sum += ((1e-4 + 0.01 * penalty) * value ** 2) / 2;
        if (k >= 2) sum += (penalty * (value - 2 * knots[k - 1]! + knots[k - 2]!) ** 2) / 2;
      });
      return sum;
    };
    for (const knot of [0, 10, 15, 40, 100]) {
      for (const by of [-0.05, 0.05]) {
        const other = best.map((value, y) => value + by * Math.max(0, 1 - Math.abs(y - knot) / 5));
        expect(loss(other)).toBeGreaterThan(loss(best));
      }
    }
  });

  it('are kept only if they help on other faces', () => {
    const kept = crossValidatedLogWeights(drawn(500, MISSED, 3), SHARP, ones.subarray(0, 500));
    expect(kept).toHaveLength(YEARS);
    const right = drawn(200, new Float64Array(YEARS), 4);
    expect(crossValidatedLogWeights(right, SHARP, ones.subarray(0, 200))).toBeNull();
  });
});

describe('balance', () => {
  const table = faceTable([
    ...Array.from({ length: 90 }, () => ({ label: { age: 30 } })),
    ...Array.from({ length: 10 }, () => ({ label: { age: 80 } })),
    {},
  ]);

  it('counts every face or every age the same', () => {
    expect(balancedWeights(table, 0)).toEqual(Float64Array.from([...Array(100).fill(1), 0]));
    const even = balancedWeights(table, 1);
    expect(even[0]).toBeCloseTo(100 / 180, 9);
    expect(even[99]).toBeCloseTo(100 / 20, 9);
    const [some, few] = [balancedWeights(table, 0.5)[0]!, balancedWeights(table, 0.5)[99]!];
    expect(few / some).toBeCloseTo(3, 9);
  });

  it('leaves the faces of a person out together, in folds of about the same size', () => {
    const people = faceTable(
      Array.from({ length: 500 }, (_, i) => ({ columns: { identity: `${i % 100}` } })),
    );
    const folds = foldsOf(people);
    for (let i = 0; i < 500; i++) expect(folds[i]).toBe(folds[i % 100]);
    for (let fold = 0; fold < FOLDS; fold++) expect(folds.filter((f) => f === fold)).toHaveLength(100);
  });
});
