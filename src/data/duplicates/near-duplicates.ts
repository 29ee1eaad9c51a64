/**
 * Groups near-duplicates among many hashes without comparing all pairs: multi-index hashing (Norouzi, Punjani, Fleet,
 * "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012). If two hashes differ in at most t bits, one of
 * their three parts differs in at most t/3, so hashes with such a part are looked up.
 */
import { DisjointSets } from '../disjoint-sets.js';
import { likeness, type PictureSignature } from './perceptual-hash.js';

/**
 * The maximum number of differing bits, of 64, of near-duplicates' hashes, and the minimum `likeness` they must then
 * have. Chosen on the 21,251 aligned faces of UTKFace: of pairs whose luma at 32 × 32 pixels correlates by more than
 * 0.97, 911 as they are and 23 mirrored, these two find 908 and 22, beside 24 pairs that correlate by less than 0.96.
 * Distances are even, because half of a hash's bits are ones.
 */
export const NEAR_DUPLICATE_BITS = 8;
const NEAR_DUPLICATE_LIKENESS = 0.94;

/** The signatures of pictures, one per row, of 80 bytes each. */
export class PictureSignatures {
  private hashes = new BigUint64Array(1024);
  private mirrored = new BigUint64Array(1024);
  private coefficients = new Int8Array(1024 * COEFFICIENTS);
  private count = 0;

  push({ hash, mirrored, coefficients }: PictureSignature): void {
    if (this.count === this.hashes.length) {
      this.hashes = grown(this.hashes, BigUint64Array);
      this.mirrored = grown(this.mirrored, BigUint64Array);
      this.coefficients = grown(this.coefficients, Int8Array);
    }
    this.hashes[this.count] = hash;
    this.mirrored[this.count] = mirrored;
    this.coefficients.set(coefficients, COEFFICIENTS * this.count++);
  }

  /** Groups of rows with the same picture, plain or mirrored: see `closeHashes`. */
  nearDuplicates(): number[][] {
    const { count, coefficients } = this;
    const both = new BigUint64Array(2 * count);
    both.set(this.hashes.subarray(0, count));
    both.set(this.mirrored.subarray(0, count), count);
    const of = (row: number) => coefficients.subarray(COEFFICIENTS * row, COEFFICIENTS * (row + 1));
    return closeHashes(both, NEAR_DUPLICATE_BITS, {
      rows: count,
      accepts: (a, b) => {
        const [aMirrored, bMirrored] = [a >= count, b >= count];
        // Two mirror images are as alike as the originals.
        if (aMirrored && bMirrored) return false;
        return likeness(of(a % count), of(b % count), aMirrored !== bMirrored) >= NEAR_DUPLICATE_LIKENESS;
      },
    });
  }
}

const COEFFICIENTS = 64;

function grown<T extends BigUint64Array | Int8Array>(list: T, type: new (length: number) => T): T {
  const larger = new type(2 * list.length);
  (larger as Int8Array).set(list as Int8Array);
  return larger;
}

export interface CloseHashesOptions {
  /** The number of rows: hash `i` belongs to row `i % rows`. Default: the number of hashes. */
  readonly rows?: number;
  /** Whether to unite two close hashes; default always. Equal hashes are always united. */
  readonly accepts?: (a: number, b: number) => boolean;
}

/** The bits of a hash's halves in each part: 21 or 22 each. */
const PARTS = [
  { bits: 22, of: (high: number, _low: number) => high >>> 10 },
  { bits: 21, of: (high: number, low: number) => ((high & 0x3ff) << 11) | (low >>> 21) },
  { bits: 21, of: (_high: number, low: number) => low & 0x1fffff },
] as const;

/**
 * Rows whose hashes differ in at most `threshold` bits, directly or through others: groups of at least two, each
 * ascending, ordered by their first rows.
 */
export function closeHashes(
  hashes: BigUint64Array,
  threshold: number,
  { rows = hashes.length, accepts = () => true }: CloseHashesOptions = {},
): number[][] {
  const sets = new DisjointSets(rows);
  const unite = (a: number, b: number) => sets.unite(a % rows, b % rows);
  const distinct = uniteEqual(hashes, unite);
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
          if (bits <= threshold && accepts(distinct[i]!, distinct[j]!)) unite(distinct[i]!, distinct[j]!);
        });
      }
    }
  }
  return sets.groups();
}

/**
 * Unites rows with the same hash, so that a picture that occurs a thousand times does not make a million pairs.
 *  @returns the first of each hash, ascending */
function uniteEqual(hashes: BigUint64Array, unite: (a: number, b: number) => void): Uint32Array {
  const firsts = new Map<bigint, number>();
  hashes.forEach((hash, row) => {
    const first = firsts.get(hash);
    if (first === undefined) firsts.set(hash, row);
    else unite(first, row);
  });
  return Uint32Array.from(firsts.values());
}

/** The numbers with each key: a hash table with as many buckets as keys, filled by counting sort. */
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

  /** The numbers from `least` up with this key. */
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

/** All numbers of `bits` bits with at most `most` ones. */
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
