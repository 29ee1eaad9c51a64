/** What stays on one side: near-duplicate pictures, and the pictures of one person. */
import type { SplitSubject } from './types.js';

/** Row numbers, ascending. */
export type Group = readonly number[];

/**
 * All rows in groups that no split may divide: rows are together where they show the same person of the same data
 * set or are near-duplicates, directly or by way of others. Ordered by their first rows.
 */
export function groupsOf({ rows, duplicates }: SplitSubject): Group[] {
  const leaders = Int32Array.from(rows, (_, row) => row);
  const leaderOf = (row: number): number => {
    let at = row;
    while (leaders[at] !== at) {
      leaders[at] = leaders[leaders[at]!]!;
      at = leaders[at]!;
    }
    return at;
  };
  // The earliest row leads, so that groups come out in order.
  const unite = (a: number, b: number) => {
    const [x, y] = [leaderOf(a), leaderOf(b)];
    leaders[Math.max(x, y)] = Math.min(x, y);
  };
  const people = new Map<string, number>();
  rows.forEach(({ source, identity }, row) => {
    if (identity === undefined) return;
    const person = JSON.stringify([source, identity]);
    const first = people.get(person);
    if (first === undefined) people.set(person, row);
    else unite(first, row);
  });
  for (const group of duplicates) for (const row of group) unite(group[0]!, row);
  const groups = new Map<number, number[]>();
  for (let row = 0; row < rows.length; row++) {
    const leader = leaderOf(row);
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}
