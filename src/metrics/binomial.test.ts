import { expect, it } from 'vitest';
import { binomialInterval, binomialUpperBound } from './binomial.js';
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

it('follows the rule of three if none of n was found', () => {
  expect(binomialUpperBound(0, 1000)).toBeCloseTo(1 - 0.05 ** (1 / 1000), 12);
});
