import { describe, expect, it } from 'vitest';
import { shortenPath, widthOf } from './text.js';

describe('shortenPath', () => {
  it.each([
    ['a/b/c.jpg', 9, 'a/b/c.jpg'],
    ['a/b/c.jpg', 8, '…/c.jpg'],
    ['folder/name.jpg', 12, '…/name.jpg'],
    ['a-very-long-name.jpg', 9, 'a-ve….jpg'],
    ['日本日本.jpg', 9, '日本….jpg'],
  ])('%s in %i columns is %s', (path, width, short) => {
    expect(shortenPath(path, width)).toBe(short);
    expect(widthOf(short)).toBeLessThanOrEqual(width);
  });
});
