import { describe, expect, it } from 'vitest';
import { Random } from '../random/index.js';
import { bootstrap, unitsOf } from './bootstrap.js';
import { difference, mean, measure } from './measure.js';

const random = new Random(5);
const values = Float64Array.from({ length: 400 }, () => random.normal());
const ofMean = (numbers: ArrayLike<number>) => measure({ mean: mean(numbers) });
const width = ({ low, high }: { low: number; high: number }) => high - low;

describe('the bootstrap', () => {
  it('gives a mean its theoretical interval', () => {
    const { mean: found } = bootstrap(ofMean(values), 400, { draws: 4000 });
    const middle = mean(values)();
    const deviation = Math.sqrt(mean(values.map((v) => (v - middle) ** 2))());
    expect(found!.value).toBe(middle);
    expect(width(found!) / (2 * 1.959964 * (deviation / 20))).toBeCloseTo(1, 1);
    expect((found!.low + found!.high) / 2).toBeCloseTo(middle, 2);
  });

  it('matches the exact quantiles over all draws of three faces', () => {
    // Of 27 draws of 0, 0 and 9 the mean is 0 in 8, 3 in 12, 6 in 6 and 9 in 1.
    const within = (confidence: number) => {
      const { low, high } = bootstrap(ofMean([0, 0, 9]), 3, { draws: 20_000, confidence }).mean!;
      return [low, high];
    };
    expect(within(0.44)).toEqual([0, 3]);
    expect(within(0.35)).toEqual([3, 3]);
    expect(within(0.9)).toEqual([0, 6]);
    expect(within(0.95)).toEqual([0, 9]);
  });

  it('draws the faces of a person together', () => {
    // Each face four times: without persons it looks as if we knew twice as well.
    const fourfold = Float64Array.from({ length: 1600 }, (_, i) => values[i % 400]!);
    const identities = Int32Array.from({ length: 1600 }, (_, i) => i % 400);
    const [once, known, unknown] = [
      bootstrap(ofMean(values), 400),
      bootstrap(ofMean(fourfold), 1600, { identities }),
      bootstrap(ofMean(fourfold), 1600),
    ].map(({ mean: found }) => width(found!)) as [number, number, number];
    expect(known).toBeCloseTo(once, 12);
    expect(unknown / known).toBeCloseTo(0.5, 1);
  });

  it('draws faces of unknown persons by themselves', () => {
    expect(unitsOf(5, [3, -1, 3, -1, 0])).toEqual({ of: Int32Array.of(0, 1, 0, 2, 3), count: 4 });
  });

  it('is the same for the same seed, and another for another', () => {
    const of = (seed: number) => bootstrap(ofMean(values), 400, { seed, draws: 200 });
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
  });

  it('gives a difference on the same faces a narrower interval than on others', () => {
    const shifted = values.map((v, i) => v + 0.1 + (i % 2) / 100);
    const paired = bootstrap(difference(ofMean(shifted), ofMean(values)), 400).mean!;
    expect(paired.value).toBeCloseTo(0.105, 12);
    expect(paired.low).toBeGreaterThan(0.103);
    expect(paired.high).toBeLessThan(0.107);
  });

  it('leaves out draws with undefined figures', () => {
    const found = bootstrap(ofMean([Number.NaN, 4]), 2, { draws: 50 }).mean;
    expect(found).toEqual({ value: 4, low: 4, high: 4 });
  });
});
