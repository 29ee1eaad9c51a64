/**
 * Groups near-duplicates among many hashes without comparing all pairs: multi-index hashing (Norouzi, Punjani, Fleet,
 * "Fast Search in Hamming Space with Multi-Index Hashing", CVPR 2012). If two hashes differ in at most t bits, one of
 * their four parts differs in at most t/4, so hashes with such a part are looked up.
 */
import { DisjointSets } from '../disjoint-sets.js';
import { alignedLikeness } from './aligned-likeness.js';
import { likeness, mirrored, type PictureSignature, THUMBNAIL } from './perceptual-hash.js';

/**
 * The maximum number of differing bits, of 64, of near-duplicates' hashes, and the minimum `likeness` they must then
 * have. Chosen on 21,186 aligned faces of UTKFace: of pairs whose luma at 32 × 32 pixels correlates by more than 0.97,
 * 846 as they are and 18 mirrored, these two find 836 and 16, beside 3 pairs that correlate by less than 0.96.
 */
export const NEAR_DUPLICATE_BITS = 10;
const NEAR_DUPLICATE_LIKENESS = 0.972;

/**
 * The minimum likeness of two pictures of which one is moved to match the other. On the same faces it adds 25 pairs, all
 * of them copies; four of five copies that are cropped by 2.5% on each side or turned by 2 degrees are found so.
 */
const ALIGNED_LIKENESS = 0.98;

/** The signatures of pictures, one per row, of 272 bytes each. */
export class PictureSignatures {
  private hashes = new BigUint64Array(1024);
  private mirrored = new BigUint64Array(1024);
  private thumbnails = new Int8Array(1024 * PIXELS);
  private count = 0;

  push({ hash, mirrored, thumbnail }: PictureSignature): void {
    if (this.count === this.hashes.length) {
      this.hashes = grown(this.hashes, BigUint64Array);
      this.mirrored = grown(this.mirrored, BigUint64Array);
      this.thumbnails = grown(this.thumbnails, Int8Array);
    }
    this.hashes[this.count] = hash;
    this.mirrored[this.count] = mirrored;
    this.thumbnails.set(thumbnail, PIXELS * this.count++);
  }

  /** Groups of rows with the same picture, plain or mirrored: see `closeHashes`. */
  nearDuplicates(): number[][] {
    const { count, thumbnails } = this;
    const both = new BigUint64Array(2 * count);
    both.set(this.hashes.subarray(0, count));
    both.set(this.mirrored.subarray(0, count), count);
    const of = (row: number) => thumbnails.subarray(PIXELS * row, PIXELS * (row + 1));
    return closeHashes(both, NEAR_DUPLICATE_BITS, {
      rows: count,
      accepts: (a, b) => {
        const [one, other] = [of(a), b < count ? of(b) : mirrored(of(b - count))];
        if (likeness(one, other) >= NEAR_DUPLICATE_LIKENESS) return true;
        return alignedLikeness(one, other) >= ALIGNED_LIKENESS;
      },
    });
  }
}

const PIXELS = THUMBNAIL * THUMBNAIL;

function grown<T extends BigUint64Array | Int8Array>(list: T, type: new (length: number) => T): T {
  const larger = new type(2 * list.length);
  (larger as Int8Array).set(list as Int8Array);
  return larger;
}

export interface CloseHashesOptions {
  /**
   * The number of rows; the hashes beyond are those of their mirror images, which are not compared with each other.
   * Default: the number of hashes.
   */
  readonly rows?: number;
  /** Whether to unite two close hashes; default always. Equal hashes are always united. */
  readonly accepts?: (a: number, b: number) => boolean;
}

/** The parts of a hash, by its halves. */
const PARTS = [
  (high: number, _low: number) => high >>> 16,
  (high: number, _low: number) => high & 0xffff,
  (_high: number, low: number) => low >>> 16,
  (_high: number, low: number) => low & 0xffff,
] as const;
const PART_BITS = 16;

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
  const most = Math.floor(threshold / PARTS.length);
  const changes = masks(PART_BITS, most);
  for (const [p, part] of PARTS.entries()) {
    const isSeen = (high: number, low: number) =>
      PARTS.slice(0, p).some((before) => ones(before(high, low)) <= most);
    const keys = Uint16Array.from(distinct, (_, i) => part(high[i]!, low[i]!));
    const { starts, members } = byKey(keys);
    // In the order of their keys: most of the time goes into reading these.
    const [highs, lows] = [members.map((j) => high[j]!), members.map((j) => low[j]!)];
    for (let i = 0; i < keys.length && distinct[i]! < rows; i++) {
      const [h, l] = [high[i]!, low[i]!];
      for (const change of changes) {
        const key = keys[i]! ^ change;
        for (let at = starts[key]!; at < starts[key + 1]!; at++) {
          const [differentHigh, differentLow] = [highs[at]! ^ h, lows[at]! ^ l];
          if (ones(differentHigh) + ones(differentLow) > threshold) continue;
          if (isSeen(differentHigh, differentLow)) continue;
          const [a, b] = [distinct[i]!, distinct[members[at]!]!];
          if (b > a && accepts(a, b)) unite(a, b);
        }
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

/** The numbers of all keys in the order of the keys, by counting sort, and where those of each key begin. */
function byKey(keys: Uint16Array): { readonly starts: Uint32Array; readonly members: Uint32Array } {
  const starts = new Uint32Array(2 ** PART_BITS + 1);
  for (const key of keys) starts[key + 1]!++;
  for (let key = 0; key < 2 ** PART_BITS; key++) starts[key + 1]! += starts[key]!;
  const next = starts.slice();
  const members = new Uint32Array(keys.length);
  keys.forEach((key, i) => {
    members[next[key]!++] = i;
  });
  return { starts, members };
}

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
