import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random/index.js';
import { closeHashes, PictureSignatures } from './near-duplicates.js';

const distance = (a: bigint, b: bigint): number =>
  [...(a ^ b).toString(2)].filter((bit) => bit === '1').length;

/** By comparing all with all, and walking from neighbour to neighbour. */
function slowly(hashes: readonly bigint[], threshold: number): number[][] {
  const seen = new Set<number>();
  const groups: number[][] = [];
  for (let row = 0; row < hashes.length; row++) {
    if (seen.has(row)) continue;
    const group = [row];
    seen.add(row);
    for (const member of group) {
      hashes.forEach((hash, other) => {
        if (seen.has(other) || distance(hashes[member]!, hash) > threshold) return;
        seen.add(other);
        group.push(other);
      });
    }
    if (group.length > 1) groups.push(group.sort((a, b) => a - b));
  }
  return groups;
}

/** Hashes of which many are others with a few bits changed. */
const hashes = fc
  .array(fc.tuple(fc.bigInt(0n, 2n ** 64n - 1n), fc.array(fc.nat(63), { maxLength: 8 }), fc.nat(7)), {
    maxLength: 40,
  })
  .map((parts) => {
    const made: bigint[] = [];
    for (const [fresh, bits, back] of parts) {
      const like = made.at(-1 - back);
      made.push(
        like === undefined || back === 7 ? fresh : bits.reduce((h, bit) => h ^ (1n << BigInt(bit)), like),
      );
    }
    return made;
  });

describe('near-duplicates', () => {
  it.each([0, 3, 4, 7, 11])('at %i bits are those that comparing all with all finds', (threshold) => {
    fc.assert(
      fc.property(hashes, (list) => {
        expect(closeHashes(BigUint64Array.from(list), threshold)).toEqual(slowly(list, threshold));
      }),
    );
  });

  it('of the same hash are one group, however many', () => {
    const rows = 200_000;
    const groups = closeHashes(new BigUint64Array(rows).fill(5n), 4);
    expect(groups).toHaveLength(1);
    expect(groups[0]).toHaveLength(rows);
  });

  it('are found among a hundred thousand others', () => {
    const random = new Random(1);
    const list = BigUint64Array.from(
      { length: 100_000 },
      () => (BigInt(random.bits()) << 32n) | BigInt(random.bits()),
    );
    list[99_000] = list[7]! ^ 0x8000_0000_0100_0011n;
    expect(closeHashes(list, 4)).toEqual([[7, 99_000]]);
  });
});

describe('signatures', () => {
  /** A thumbnail that falls off, of which `changed` pixels have the other sign. */
  const signature = (hash: bigint, mirrored: bigint, changed: readonly number[] = []) => ({
    hash,
    mirrored,
    thumbnail: Int8Array.from({ length: 256 }, (_, i) => (changed.includes(i) ? -1 : 1) * (100 - (i >> 2))),
  });
  const groupsOf = (...list: ReturnType<typeof signature>[]) => {
    const signatures = new PictureSignatures();
    for (const one of list) signatures.push(one);
    return signatures.nearDuplicates();
  };
  const FAR = 0xffff_ffff_0000_0000n;

  it('of close hashes are near-duplicates if the pictures are alike', () => {
    expect(groupsOf(signature(0n, FAR), signature(0x3ffn, FAR ^ 0xff00n))).toEqual([[0, 1]]);
    // Correlations of 0.984 and 0.969.
    expect(groupsOf(signature(0n, FAR), signature(0x3ffn, FAR ^ 0xff00n, [17]))).toEqual([[0, 1]]);
    expect(groupsOf(signature(0n, FAR), signature(0x3ffn, FAR ^ 0xff00n, [17, 18]))).toEqual([]);
    expect(groupsOf(signature(0n, FAR), signature(0x7ffn, FAR ^ 0xff00n))).toEqual([]);
  });

  it('of a picture and its mirror image are near-duplicates', () => {
    const mirrorOf = (hash: bigint, mirrored: bigint) => {
      const { thumbnail } = signature(hash, mirrored);
      return { hash, mirrored, thumbnail: thumbnail.map((_, i) => thumbnail[i - (i % 16) + 15 - (i % 16)]!) };
    };
    expect(groupsOf(signature(0n, FAR), mirrorOf(FAR, 0n))).toEqual([[0, 1]]);
    expect(groupsOf(signature(0n, FAR), mirrorOf(FAR ^ 3n, 0xff00n))).toEqual([[0, 1]]);
    expect(groupsOf(signature(0n, FAR), signature(FAR ^ 3n, 0xff00n, [33, 34, 35, 36]))).toEqual([]);
  });

  it('grow beyond their first memory', () => {
    const random = new Random(4);
    const fresh = () => (BigInt(random.bits()) << 32n) | BigInt(random.bits());
    const list = Array.from({ length: 3000 }, () => signature(fresh(), fresh()));
    expect(groupsOf(...list, list[17]!)).toEqual([[17, 3000]]);
  });
});
