/**
 * Groups of near-duplicates among many hashes, without comparing all with all: multi-index hashing (Norouzi, Punjani,
 * Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012). Where two hashes differ in at most t
 * bits, then one of three parts of them differs in at most t/3: the others that have such a part are looked up.
 */
import { DisjointSets } from '../disjoint-sets.js';

/**
 * The bits of 64 in which the hashes of near-duplicates may differ. Chosen by looking at pairs of UTKFace's 21,251
 * aligned faces, 60 at each distance: of those that differ in 2 bits all were the same photograph, in 4 bits 52, in 6
 * bits about 13 (other people in the same pose). Distances are even, because half of a hash's bits are ones.
 */
export const NEAR_DUPLICATE_BITS = 4;

/** Which bits of a hash's halves a part takes: 21 or 22 each. */
const PARTS = [
  { bits: 22, of: (high: number, _low: number) => high >>> 10 },
  { bits: 21, of: (high: number, low: number) => ((high & 0x3ff) << 11) | (low >>> 21) },
  { bits: 21, of: (_high: number, low: number) => low & 0x1fffff },
] as const;

/**
 * Rows whose hashes differ in at most `threshold` bits, directly or by way of others: groups of two and more, each
 * in ascending order, by their first rows.
 */
export function nearDuplicates(hashes: BigUint64Array, threshold = NEAR_DUPLICATE_BITS): number[][] {
  const sets = new DisjointSets(hashes.length);
  const distinct = uniteEqual(hashes, sets);
  const high = Uint32Array.from(distinct, (row) => Number(hashes[row]! >> 32n));
  const low = Uint32Array.from(distinct, (row) => Number(hashes[row]! & 0xffffffffn));
  for (const part of PARTS) {
    const keys = Uint32Array.from(distinct, (_, i) => part.of(high[i]!, low[i]!));
    const index = new PartIndex(keys);
    const changes = masks(part.bits, Math.floor(threshold / PARTS.length));
    for (let i = 0; i < keys.length; i++) {
      for (const change of changes) {
        index.forEach(keys[i]! ^ change, i + 1, (j) => {
          const bits = ones(high[i]! ^ high[j]!) + ones(low[i]! ^ low[j]!);
          if (bits <= threshold) sets.unite(distinct[i]!, distinct[j]!);
        });
      }
    }
  }
  return sets.groups();
}

/** Unites rows of the same hash, so that a picture that is there a thousand times makes no million pairs.
 *  @returns the first row of each hash, ascending */
function uniteEqual(hashes: BigUint64Array, sets: DisjointSets): Uint32Array {
  const firsts = new Map<bigint, number>();
  hashes.forEach((hash, row) => {
    const first = firsts.get(hash);
    if (first === undefined) firsts.set(hash, row);
    else sets.unite(first, row);
  });
  return Uint32Array.from(firsts.values());
}

/** Which numbers have a key: a hash table of as many buckets as there are keys, as a counting sort fills it. */
class PartIndex {
  private readonly shift: number;
  private readonly starts: Uint32Array;
  private readonly members: Uint32Array;

  constructor(private readonly keys: Uint32Array) {
    const bits = Math.max(1, Math.ceil(Math.log2(keys.length)));
    this.shift = 32 - bits;
    const starts = new Uint32Array(2 ** bits + 1);
    for (const key of keys) starts[this.bucketOf(key) + 1]!++;
    for (let bucket = 0; bucket < 2 ** bits; bucket++) starts[bucket + 1]! += starts[bucket]!;
    const next = starts.slice();
    const members = new Uint32Array(keys.length);
    keys.forEach((key, i) => {
      members[next[this.bucketOf(key)]!++] = i;
    });
    this.starts = starts;
    this.members = members;
  }

  /** The numbers from `least` on that have this key. */
  forEach(key: number, least: number, visit: (member: number) => void): void {
    const bucket = this.bucketOf(key);
    for (let at = this.starts[bucket + 1]! - 1; at >= this.starts[bucket]!; at--) {
      const member = this.members[at]!;
      if (member < least) return;
      if (this.keys[member] === key) visit(member);
    }
  }

  /** Multiplicative hashing (Knuth, The Art of Computer Programming, volume 3, section 6.4). */
  private bucketOf(key: number): number {
    return Math.imul(key, GOLDEN) >>> this.shift;
  }
}

/** 2^32 divided by the golden ratio. */
const GOLDEN = 0x9e3779b1;

/** All numbers of `bits` bits of which at most `most` are ones. */
function masks(bits: number, most: number, from = 0): number[] {
  if (most === 0) return [0];
  const found = [0];
  for (let bit = from; bit < bits; bit++) {
    for (const rest of masks(bits, most - 1, bit + 1)) found.push(rest | (1 << bit));
  }
  return found;
}

/** The number of ones among 32 bits (Warren, Hacker's Delight, 2nd edition, section 5-1). */
function ones(x: number): number {
  let n = x - ((x >>> 1) & 0x55555555);
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
