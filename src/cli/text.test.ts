import { describe, expect, it } from 'vitest';
import { jsonText, oneLine, paint, safeLines, shortenPath, widthOf } from './text.js';

/** Moves the cursor, by seven bits and by eight, and turns text round. */
const HOSTILE = 'a\x1b[2Jb\x9b2Jc\u202egpj.exe\u2066\u200f';

describe('text from outside', () => {
  it('is printed without what changes how the rest is shown', () => {
    expect(oneLine(HOSTILE)).toBe('a\\x1b[2Jb\\x9b2Jc\\u202egpj.exe\\u2066\\u200f');
  });

  it('is harmless within lines that have ends and styles of their own', () => {
    const { bold } = paint({ colours: true, columns: undefined });
    expect(safeLines(`${bold('Set')} ${HOSTILE}\nnext\r\n`)).toBe(
      `\x1b[1mSet\x1b[22m ${oneLine(HOSTILE)}\nnext\\x0d\n`,
    );
  });

  it('is JSON of harmless characters that means the same', () => {
    const text = jsonText({ HOSTILE });
    expect(text).toMatch(/^[ -~]+\n$/);
    expect(JSON.parse(text)).toEqual({ HOSTILE });
  });
});

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
