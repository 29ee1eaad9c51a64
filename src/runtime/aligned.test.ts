import { describe, expect, it } from 'vitest';
import { alignedFloats } from './aligned.js';

describe('alignedFloats', () => {
  it('returns arrays of zeros that do not overlap and begin at cache lines', () => {
    const lengths = [3, 0, 17, 16, 20000];
    const arrays = alignedFloats(lengths);
    expect(arrays.map((a) => a.length)).toEqual(lengths);
    expect(arrays.every((a) => a.byteOffset % 64 === 0)).toBe(true);
    expect(arrays.every((a) => a.every((v) => v === 0))).toBe(true);
    arrays.forEach((a, i) => {
      a.fill(i + 1);
    });
    expect(arrays.every((a, i) => a.every((v) => v === i + 1))).toBe(true);
  });

  it('returns none for none', () => {
    expect(alignedFloats([])).toEqual([]);
  });

  it('refuses more than 4 GiB', () => {
    expect(() => alignedFloats([2 ** 31])).toThrow(RangeError);
  });
});
