/** The faces and figures of scripts/fixtures/metrics.py, for tests. */

import { expect } from 'vitest';
import fixture from '../../test/fixtures/metrics.json' with { type: 'json' };
import { type FaceTable, faceTable, YEARS } from './faces.js';

export { fixture };

/** The tolerance against scikit-learn. */
const NEAR = 1e-9;

export const TABLE: FaceTable = faceTable(
  fixture.faces.ages.map((age, i) => {
    const [first, ...probabilities] = fixture.faces.years[i]!;
    const years = new Float64Array(YEARS);
    years.set(probabilities, first);
    return { label: { age, std: fixture.faces.std[i]! }, prediction: { age: { years } } };
  }),
);

/** Expects every figure of `wanted` among the results. */
export function expectNear(
  found: Readonly<Record<string, number>>,
  wanted: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    expect(Math.abs(found[name]! - value), `${name}: ${found[name]} for ${value}`).toBeLessThan(NEAR);
  }
}

/** Expects two lists of numbers to be the same. */
export function expectListNear(found: ArrayLike<number>, wanted: ArrayLike<number>): void {
  expect(found.length).toBe(wanted.length);
  const named = (list: ArrayLike<number>) => Object.fromEntries(Array.from(list, (x, i) => [`${i}`, x]));
  expectNear(named(found), named(wanted));
}
