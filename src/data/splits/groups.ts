/** What stays on one side: near-duplicate pictures, and the pictures of one person. */
import { DisjointSets } from '../disjoint-sets.js';
import type { SplitSubject } from './types.js';

/** Row numbers, ascending. */
export type Group = readonly number[];

/**
 * Groups of rows that no split may divide: rows of the same person of the same data set, or near-duplicates, directly
 * or through others. Ordered by first row.
 */
export function groupsOf({ rows, duplicates }: SplitSubject): Group[] {
  const sets = new DisjointSets(rows.length);
  const people = new Map<string, number>();
  rows.forEach(({ source, identity }, row) => {
    if (identity === undefined) return;
    const person = JSON.stringify([source, identity]);
    const first = people.get(person);
    if (first === undefined) people.set(person, row);
    else sets.unite(first, row);
  });
  for (const group of duplicates) for (const row of group) sets.unite(group[0]!, row);
  // The earliest row represents its group, so that groups are in order.
  const groups = new Map<number, number[]>();
  for (let row = 0; row < rows.length; row++) {
    const leader = sets.leaderOf(row);
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}
