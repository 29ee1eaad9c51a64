import { describe, expect, it } from 'vitest';
import { Random } from '../../random/index.js';
import { shuffledOrder, weightedOrder } from './order.js';
import { bandWeights, smoothedWeights } from './weights.js';

const ages = (...counts: [age: number, count: number][]) =>
  counts.flatMap(([age, count]) => Array.from({ length: count }, () => ({ age })));
const total = (weights: Float64Array) => weights.reduce((sum, weight) => sum + weight, 0);

describe('bandWeights', () => {
  it('gives every band that has rows the same sum', () => {
    const weights = bandWeights(ages([5, 90], [25, 9], [60, 1]), [0, 10, 30, 50]);
    const sums = [weights.slice(0, 90), weights.slice(90, 99), weights.slice(99)].map(total);
    expect(sums.map((sum) => sum / (100 / 3))).toEqual([1, 1, 1].map((one) => expect.closeTo(one, 9)));
  });

  it('takes a row without an age as average', () => {
    const weights = bandWeights([...ages([5, 3]), undefined]);
    expect([...weights]).toEqual([1, 1, 1, 1].map((one) => expect.closeTo(one, 9)));
  });
});

describe('smoothedWeights', () => {
  // The kernel of 5 years with σ = 2, by hand.
  const kernel = [1, Math.exp(-1 / 8), Math.exp(-1 / 2)];

  it('is the inverse of the smoothed density', () => {
    const weights = smoothedWeights(ages([30, 100], [31, 20], [80, 4]), { power: 1 });
    const density = [100 + 20 * kernel[1]!, 20 + 100 * kernel[1]!, 4];
    const ratio = (a: number, b: number) => weights[a]! / weights[b]!;
    expect(ratio(0, 100)).toBeCloseTo(density[1]! / density[0]!, 9);
    expect(ratio(0, 120)).toBeCloseTo(density[2]! / density[0]!, 9);
    expect(total(weights)).toBeCloseTo(124, 6);
  });

  it('takes the root before it smooths, as the paper does for ages', () => {
    const weights = smoothedWeights(ages([30, 100], [32, 25]));
    const density = [10 + 5 * kernel[2]!, 5 + 10 * kernel[2]!];
    expect(weights[0]! / weights[100]!).toBeCloseTo(density[1]! / density[0]!, 9);
  });

  it('spreads an interval over its years', () => {
    const weights = smoothedWeights([{ from: 20, to: 29 }, ...ages([60, 1])], { power: 1 });
    // Ten years of a tenth each, smoothed among themselves; at the ends less.
    const years = Array.from({ length: 10 }, (_, i) =>
      [-2, -1, 0, 1, 2].reduce(
        (sum, d) => sum + (i + d >= 0 && i + d < 10 ? 0.1 * kernel[Math.abs(d)]! : 0),
        0,
      ),
    );
    const mean = years.reduce((a, b) => a + b, 0) / 10;
    expect(weights[0]! / weights[1]!).toBeCloseTo(1 / mean, 9);
  });
});

describe('weightedOrder', () => {
  it('draws each row as often as its weight says, rounded down or up', () => {
    const weights = Float64Array.of(0, 0.4, 1, 2.6, 1);
    const seen = [0, 0, 0, 0, 0];
    const epochs = 2000;
    for (let epoch = 0; epoch < epochs; epoch++) {
      const counts = [0, 0, 0, 0, 0];
      for (const member of weightedOrder(weights, new Random(1, epoch)).members) counts[member]!++;
      counts.forEach((count, i) => {
        expect(Math.abs(count - weights[i]!)).toBeLessThan(1);
        seen[i]! += count;
      });
    }
    seen.forEach((count, i) => {
      expect(Math.abs(count / epochs - weights[i]!)).toBeLessThan(0.04);
    });
  });

  it('counts how often a row came before', () => {
    const { members, repeats } = weightedOrder(Float64Array.of(0, 3, 0), new Random(1));
    expect([[...members], [...repeats]]).toEqual([
      [1, 1, 1],
      [0, 1, 2],
    ]);
  });

  it('does not leave rows near those that they are stored with', () => {
    const { members } = shuffledOrder(1000, new Random(2));
    const near = members.filter((member, i) => Math.abs(member - (members[i - 1] ?? -999)) <= 10).length;
    // Of 1000 pairs 2% are that near by chance.
    expect(near).toBeLessThan(45);
  });
});
