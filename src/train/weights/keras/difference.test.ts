import { describe, expect, it } from 'vitest';
import { byName, byPlace, inNumbers, sizesOf } from './difference.js';

const layers = (...entries: readonly (readonly [string, number])[]) =>
  entries.map(([name, count]) => ({ name, sizes: sizesOf([['kernel', [count]]]) }));

describe('layers by their places', () => {
  const expected = layers(['conv2d_1', 1], ['conv2d_2', 2], ['conv2d_3', 3], ['conv2d_4', 3]);

  it('fit with any numbers', () => {
    const found = layers(['conv2d_10', 2], ['conv2d_7', 1], ['conv2d_12', 3], ['conv2d_30', 3]);
    expect(byPlace(expected, inNumbers(found))).toEqual({ missing: [], extra: [], other: [] });
  });

  it('are missing one by one, not with all that come after', () => {
    const found = layers(['conv2d_1', 1], ['conv2d_3', 3], ['conv2d_4', 3]);
    expect(byPlace(expected, found)).toEqual({ missing: ['conv2d_2'], extra: [], other: [] });
  });

  it('are unexpected one by one', () => {
    const found = layers(['a_1', 1], ['a_2', 9], ['a_3', 2], ['a_4', 3], ['a_5', 3], ['a_6', 8]);
    expect(byPlace(expected, found)).toEqual({ missing: [], extra: ['a_2', 'a_6'], other: [] });
  });

  it('differ if one takes the place of another', () => {
    const found = layers(['conv2d_1', 1], ['conv2d_2', 1000], ['conv2d_3', 3], ['conv2d_4', 3]);
    expect(byPlace(expected, found)).toEqual({
      missing: [],
      extra: [],
      other: ["'conv2d_2' has kernel of 1,000, not kernel of 2"],
    });
  });
});

describe('layers by their names', () => {
  it('are missing, unexpected and of another size', () => {
    const found = byName(layers(['a', 1], ['b', 2], ['c', 3]), layers(['c', 4], ['a', 1], ['d', 1]));
    expect(found).toEqual({
      missing: ['b'],
      extra: ['d'],
      other: ["'c' has kernel of 4, not kernel of 3"],
    });
  });
});
