import { describe, expect, it } from 'vitest';
import { READERS } from './sets/index.js';
import { SOURCES } from './sources.js';

/** Formats rather than data sets: they are not published. */
const OWN = ['csv', 'folders', 'age-gender-mat', 'al-resnet-hdf5'];

describe('sources', () => {
  it('are known for every data set that is published', () => {
    const published = READERS.map(({ id }) => id).filter((id) => !OWN.includes(id));
    expect(published.filter((id) => SOURCES[id] === undefined)).toEqual([]);
  });

  it('offer something to fetch or say where to go', () => {
    for (const { files, byHand } of Object.values(SOURCES)) {
      expect(files.length > 0 || byHand !== undefined).toBe(true);
    }
  });

  it('are encrypted, name each file once and have checksums of the right length', () => {
    for (const { files, more = [] } of Object.values(SOURCES)) {
      const all = [...files, ...more];
      expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
      for (const { url, name, md5, sha256 } of all) {
        expect(new URL(url).protocol).toBe('https:');
        expect(name).toMatch(/^[\w.-]+$/);
        expect(md5 ?? '0'.repeat(32)).toMatch(/^[0-9a-f]{32}$/);
        expect(sha256 ?? '0'.repeat(64)).toMatch(/^[0-9a-f]{64}$/);
      }
    }
  });
});
