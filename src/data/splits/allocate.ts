/** Groups handed out to parts so that each gets its share of everything. */

import { bandOf } from '../../age/index.js';
import { Random } from '../../random/index.js';
import type { Group } from './groups.js';
import type { SplitRow } from './types.js';

/** Differences below this are rounding errors. */
const TIE = 1e-9;

/** The stratum of a row, age band and gender: each part gets its share of every stratum. */
export function stratumOf({ age, gender }: SplitRow): string {
  return `${age === undefined ? '?' : bandOf(age)} ${gender ?? '?'}`;
}

/**
 * Assigns a part to each group. Groups are taken in random order, large ones first, each going to the part most in need
 * of its strata. With single rows every part's share of every stratum is exact to within a row or two; larger groups
 * cannot be divided, so shares are approximate (the iterative stratification of Sechidis et al., ECML PKDD 2011, over
 * groups).
 *
 * @param shares of the parts, each above 0, summing to 1
 * @param stratum the stratum of each row; the same for all if only the number matters
 */
export function allocate(
  groups: readonly Group[],
  shares: readonly number[],
  stratum: (row: number) => string,
  seed: number,
): Uint8Array {
  const totals = new Map<string, number>();
  const strata = groups.map((group) => {
    const counts = new Map<string, number>();
    for (const row of group) {
      const key = stratum(row);
      counts.set(key, (counts.get(key) ?? 0) + 1);
      totals.set(key, (totals.get(key) ?? 0) + 1);
    }
    return counts;
  });
  const lacking = new Map([...totals].map(([key, n]) => [key, shares.map((share) => share * n)]));
  const rows = groups.reduce((sum, group) => sum + group.length, 0);
  const lackingAtAll = shares.map((share) => share * rows);
  const order = new Random(seed).shuffle(groups.map((_, g) => g));
  // A stable sort: groups of equal size stay in random order.
  order.sort((a, b) => groups[b]!.length - groups[a]!.length);

  const partOf = new Uint8Array(groups.length);
  for (const g of order) {
    let best = 0;
    let most = Number.NEGATIVE_INFINITY;
    let mostAtAll = Number.NEGATIVE_INFINITY;
    for (let part = 0; part < shares.length; part++) {
      let need = 0;
      for (const [key, count] of strata[g]!) need += (count * lacking.get(key)![part]!) / totals.get(key)!;
      const differs = Math.abs(need - most) > TIE;
      if (differs ? need > most : lackingAtAll[part]! > mostAtAll) {
        [best, most, mostAtAll] = [part, need, lackingAtAll[part]!];
      }
    }
    partOf[g] = best;
    for (const [key, count] of strata[g]!) lacking.get(key)![best]! -= count;
    lackingAtAll[best]! -= groups[g]!.length;
  }
  return partOf;
}
