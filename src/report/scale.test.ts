import { describe, expect, it } from 'vitest';
import { linear, roundDomain, ticks } from './scale.js';

describe('ticks', () => {
  it.each([
    [0, 100, [0, 20, 40, 60, 80, 100]],
    [0, 116, [0, 20, 40, 60, 80, 100]],
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [-0.3, 0.3, [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3]],
    [3, 7, [3, 4, 5, 6, 7]],
    [0, 23_456, [0, 5000, 10_000, 15_000, 20_000]],
  ])('of %s..%s are round', (from, to, expected) => {
    expect(ticks(from, to).map((t) => t + 0)).toEqual(expected);
  });

  it('of nothing is where it is', () => expect(ticks(5, 5)).toEqual([5]));
});

describe('roundDomain', () => {
  it.each([
    [[3, 96], true, [0, 100]],
    [[3, 96], false, [0, 100]],
    [[52, 58], false, [52, 58]],
    [[0.011, 0.094], true, [0, 0.1]],
    [[-4, 9], false, [-5, 10]],
    [[], false, [0, 1]],
    [[0, 0], true, [0, 1]],
    [[7], true, [0, 8]],
    [[8], false, [4, 12]],
    [[-8], false, [-12, -4]],
    [[8, 8 + 1e-14], false, [4, 12]],
    [[0.1 + 0.2, 0.3], false, [0.15, 0.45]],
    [[Number.NaN, 1, 2], false, [1, 2]],
  ] as const)('of %j, with zero %s', (values, zero, expected) => {
    expect(roundDomain(values, zero)).toEqual(expected);
  });
});

it('linear maps ends to ends, backwards too', () => {
  const y = linear([10, 20], [300, 100]);
  expect([10, 15, 20].map(y)).toEqual([300, 200, 100]);
});
