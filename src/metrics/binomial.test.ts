import { expect, it } from 'vitest';
import { binomialInterval, binomialUpperBound, isBoundedBy } from './binomial.js';
import { expectListNear, fixture } from './testing.js';

it.each(fixture.binomial)(
  "has SciPy's quantiles of the beta distribution: %i of %i",
  (found, of, low, high, upper) => {
    expectListNear(
      [...binomialInterval(found!, of!), binomialUpperBound(found!, of!)],
      [low!, high!, upper!],
    );
  },
);

it('decides whether a share is above the bound', () => {
  for (const [found, of] of [
    [0, 40],
    [3, 57],
    [100, 1000],
    [40, 40],
  ] as const) {
    const bound = binomialUpperBound(found, of);
    expect(isBoundedBy(bound * 0.999, found, of)).toBe(false);
    expect(isBoundedBy(bound * 1.001, found, of)).toBe(found < of);
  }
  expect(isBoundedBy(0.5, 0, 0)).toBe(false);
});

it('follows the rule of three if none of n was found', () => {
  expect(binomialUpperBound(0, 1000)).toBeCloseTo(1 - 0.05 ** (1 / 1000), 12);
});
