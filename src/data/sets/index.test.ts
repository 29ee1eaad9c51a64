import { describe, expect, it } from 'vitest';
import { DataError } from '../types.js';
import { READERS, readerOf } from './index.js';

describe('readers', () => {
  it('are found by their ids, which are unique and fit for a command line', () => {
    const ids = READERS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const reader of READERS) {
      expect(reader.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(readerOf(reader.id)).toBe(reader);
    }
  });

  it('names the nearest id if there is none', () => {
    expect(() => readerOf('utkfaces')).toThrow(DataError);
    expect(() => readerOf('utkfaces')).toThrow(
      "'utkfaces' is not a supported data set; did you mean 'utkface'?",
    );
  });

  it('refuse an option that they do not know', async () => {
    for (const reader of READERS) {
      const readings = reader.read('/none', { colour: 'red' })[Symbol.asyncIterator]();
      await expect(readings.next(), reader.id).rejects.toThrow(/^[a-z0-9-]+: .*'colour'/);
    }
  });
});
