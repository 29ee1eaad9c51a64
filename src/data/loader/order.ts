/** The order of rows in an epoch. */
import type { Random } from '../../random/index.js';

/** The samples of an epoch, in order. */
export interface EpochOrder {
  /** Positions among the loader's rows. */
  readonly members: Uint32Array;
  /** The number of earlier occurrences of the same member in this epoch: 0 unless rows are weighted. */
  readonly repeats: Uint32Array;
}

/** All rows in stored order. */
export function storedOrder(count: number): EpochOrder {
  return { members: Uint32Array.from({ length: count }, (_, i) => i), repeats: new Uint32Array(count) };
}

/** All, each once, in random order. */
export function shuffledOrder(count: number, random: Random): EpochOrder {
  const order = storedOrder(count);
  random.shuffle(order.members);
  return order;
}

/**
 * As many draws as there are rows, each row in proportion to its weight: weight 2.3 gives two or three draws, by
 * systematic sampling (Madow and Madow 1944), whose counts vary less than those of independent draws; in random order.
 * @param weights at least 0, and one of them above 0
 */
export function weightedOrder(weights: Float64Array, random: Random): EpochOrder {
  const count = weights.length;
  const queue = random.shuffle(Uint32Array.from({ length: count }, (_, i) => i));
  const step = weights.reduce((sum, weight) => sum + weight, 0) / count;
  const members = new Uint32Array(count);
  let drawn = 0;
  let sum = 0;
  const start = random.uniform();
  for (const member of queue) {
    sum += weights[member]!;
    while (drawn < count && (drawn + start) * step < sum) members[drawn++] = member;
  }
  // Rounding may miss the last draw.
  for (; drawn < count; drawn++) members[drawn] = members[drawn - 1]!;
  random.shuffle(members);
  const seen = new Uint32Array(count);
  return { members, repeats: members.map((member) => seen[member]!++) };
}
