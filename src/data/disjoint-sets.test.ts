import { expect, it } from 'vitest';
import { DisjointSets } from './disjoint-sets.js';

it('unites sets by their least members, in any order of unions', () => {
  const sets = new DisjointSets(8);
  for (const [a, b] of [
    [7, 5],
    [5, 2],
    [6, 3],
    [7, 2],
  ] as const)
    sets.unite(a, b);
  expect(Array.from({ length: 8 }, (_, member) => sets.leaderOf(member))).toEqual([0, 1, 2, 3, 4, 2, 3, 2]);
  expect(sets.groups()).toEqual([
    [2, 5, 7],
    [3, 6],
  ]);
});
