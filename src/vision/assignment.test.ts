import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assign } from './assignment.js';

const ALONE = 10;

/** The least cost of all assignments, each of them tried. */
function leastCost(costs: readonly (readonly number[])[], row = 0, taken: readonly number[] = []): number {
  if (row === costs.length) return 0;
  let least = ALONE + leastCost(costs, row + 1, taken);
  costs[row]!.forEach((cost, column) => {
    if (taken.includes(column) || cost >= ALONE) return;
    least = Math.min(least, cost + leastCost(costs, row + 1, [...taken, column]));
  });
  return least;
}

it('pairs rows and columns at the least cost of all pairings', () => {
  const cost = fc.oneof(
    fc.integer({ min: 0, max: 12 }).map((n) => n + 0.5),
    fc.constant(Number.POSITIVE_INFINITY),
  );
  const matrix = fc
    .integer({ min: 0, max: 4 })
    .chain((columns) =>
      fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), { maxLength: 4 }),
    );
  fc.assert(
    fc.property(matrix, (costs) => {
      const columns = assign(costs, ALONE);
      const taken = columns.filter((column) => column >= 0);
      expect(new Set(taken).size).toBe(taken.length);
      const total = columns.reduce((sum, c, row) => sum + (c < 0 ? ALONE : costs[row]![c]!), 0);
      expect(total).toBeCloseTo(leastCost(costs), 9);
    }),
    { seed: 1, numRuns: 300 },
  );
});
