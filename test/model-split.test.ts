/** The pictures that no model that ships was trained on, as scripts/models/list-split.ts lists them. */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readParts } from '../scripts/models/split-list.js';

const ROOT = join(import.meta.dirname, '..');
const DATA = join(ROOT, '../shared/data');

/**
 * How many pictures are in each part; the share of all that may be listed otherwise than their own name says, because a
 * near-duplicate or another picture of the set takes them along.
 */
const SETS = [
  { set: 'utkface', validation: 2318, test: 2306, moved: 0.03 },
  { set: 'all-age-faces', validation: 630, test: 648, moved: 0.01 },
  { set: 'fairface', validation: 3944, test: 4075, moved: 0.002 },
] as const;

/** The part of each hash that is listed. */
function listed(set: string): Map<string, string> {
  const parts = new Map<string, string>();
  let part = '';
  for (const line of readFileSync(join(ROOT, `scripts/models/split/${set}.txt`), 'utf8')
    .trim()
    .split('\n')) {
    if (line.startsWith('# ')) part = line.slice(2);
    else parts.set(line, part);
  }
  return parts;
}

const partOf = (digits: string): string => {
  const first = Number.parseInt(digits.slice(0, 2), 16);
  return first >= 230 ? 'test' : first >= 205 ? 'validation' : 'train';
};

describe.each(SETS)('the split of $set', ({ set, moved, ...counts }) => {
  const parts = listed(set);

  it('lists as many pictures of each part as models are chosen by and measured on', () => {
    const found = [...parts.values()];
    for (const [part, count] of Object.entries(counts)) {
      expect(found.filter((name) => name === part)).toHaveLength(count);
    }
  });

  it.skipIf(!existsSync(DATA))('is that of the file names, but for near-duplicates', () => {
    const names = readdirSync(join(DATA, set), { recursive: true, encoding: 'utf8' }).map((path) =>
      basename(path),
    );
    const hashes = names
      .filter((name) => /\.jpe?g$/i.test(name))
      .map((name) => createHash('md5').update(name).digest('hex').slice(0, 8));
    const known = new Set(hashes);
    expect([...parts.keys()].filter((hash) => !known.has(hash))).toEqual([]);
    const otherwise = hashes.filter((hash) => (parts.get(hash) ?? 'train') !== partOf(hash));
    expect(otherwise.length).toBeLessThan(moved * hashes.length);
  });
});

it('tells the part of a picture by its name, whatever folder it is in', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'split-list-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // printf %s a.jpg | md5sum
  writeFileSync(join(folder, 'set.txt'), '# validation\n39465969\n# test\nefaf98db\n');
  const partOf = await readParts(join(folder, 'set.txt'));
  expect(['a.jpg', 'of/b.jpg', 'c.jpg'].map(partOf)).toEqual(['validation', 'test', 'train']);
});
