import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readSplit, type Split, Store, StoreWriter } from '../../data/index.js';
import { runSplit } from './run-split.js';
import { shares } from './split.js';
import type { SplitFlags } from './split-flags.js';

const FLAGS: SplitFlags = { method: 'shares', stratify: true, seed: 0 };
const ROWS = 100;

let folder: string;
let path: string;
let printed: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-split-'));
  path = join(folder, 'made.store');
  const writer = await StoreWriter.create(path, {
    origin: { id: 'made', title: '', homepage: '', citation: '', terms: '', labels: 'exact age' },
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  for (let row = 0; row < ROWS; row++) {
    await writer.append({ path: `${row}.jpg`, image: Uint8Array.of(1), age: { age: row } });
  }
  await writer.finish({ threshold: 0, groups: [] });
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(((text: unknown, done: () => void) => {
    printed += String(text);
    done();
    return true;
  }) as never);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const splitFiles = async (where: string) =>
  (await readdir(where)).filter((name) => name.endsWith('.split.json')).sort();

describe('agewise data split', () => {
  it('writes a split that can be read, and says how large its parts are', async () => {
    expect(await runSplit(path, { ...FLAGS, stratify: false })).toBe(0);
    const store = await Store.open(path);
    const { parts } = await readSplit(join(path, 'shares.split.json'), store);
    await store.close();
    expect([...parts.values()].map((rows) => rows.length)).toEqual([80, 10, 10]);
    expect(printed.split('\n').slice(1, 4)).toEqual([
      '  train       80   80.0%',
      '  validation  10   10.0%',
      '  test        10   10.0%',
    ]);
  });

  it('writes a benchmark as five files', async () => {
    await runSplit(path, { ...FLAGS, method: 'benchmark' });
    expect(await splitFiles(path)).toEqual([0, 1, 2, 3, 4].map((n) => `benchmark-${n}.split.json`));
  });

  it('writes under a name, into a folder that it makes', async () => {
    const out = join(folder, 'a', 'b');
    await runSplit(path, { ...FLAGS, method: 'folds', folds: 3, name: 'three', out, json: true });
    expect(await splitFiles(out)).toEqual(['three.split.json']);
    expect(JSON.parse(printed)).toMatchObject({ method: { name: 'folds', folds: 3 }, leftOut: 0 });
  });

  it('does not replace a split unless requested', async () => {
    await runSplit(path, FLAGS);
    const before = await readFile(join(path, 'shares.split.json'), 'utf8');
    const again = runSplit(path, { ...FLAGS, seed: 1 });
    await expect(again).rejects.toThrow(/shares\.split\.json exists: a split is made once$/);
    expect(await readFile(join(path, 'shares.split.json'), 'utf8')).toBe(before);
    expect(await runSplit(path, { ...FLAGS, seed: 1, overwrite: true })).toBe(0);
    expect(await readFile(join(path, 'shares.split.json'), 'utf8')).not.toBe(before);
  });

  it('writes a table of a split that the store has or gets, and reads it again', async () => {
    const table = join(folder, 'split.csv');
    await runSplit(path, { stratify: true, out: table });
    const text = await readFile(table, 'utf8');
    expect(text.split('\n')).toHaveLength(ROWS + 2);
    const made = await readFile(join(path, 'shares.split.json'), 'utf8');
    await expect(runSplit(path, { stratify: true, out: table })).rejects.toThrow('expected a new name');
    const again = join(folder, 'again.csv');
    await runSplit(path, { stratify: true, out: again });
    expect(await readFile(again, 'utf8')).toBe(text);
    const other = runSplit(path, { stratify: true, seed: 5, out: join(folder, 'other.csv') });
    await expect(other).rejects.toThrow(/shares\.split\.json: expected a split by .* with seed 5, found one/);
    expect(await readFile(join(path, 'shares.split.json'), 'utf8')).toBe(made);

    expect(await runSplit(path, { stratify: true, from: table, name: 'mine' })).toBe(0);
    const store = await Store.open(path);
    const [a, b] = await Promise.all(
      ['shares', 'mine'].map((name) => readSplit(join(path, `${name}.split.json`), store)),
    );
    await store.close();
    const sorted = (parts: Split['parts']) => [...parts].sort(([x], [y]) => (x < y ? -1 : 1));
    expect(sorted(b!.parts)).toEqual(sorted(a!.parts));
  });

  it('shows a part on one line, whatever its name', async () => {
    const from = join(folder, 'lines.csv');
    await writeFile(from, 'row,part\n0,"a\nb"\n');
    await runSplit(path, { stratify: true, from });
    expect(printed.split('\n')[1]).toBe('  a\\nb       1    1.0%');
  });

  it('fails if the authors made none', async () => {
    const split = runSplit(path, { ...FLAGS, method: 'authors' });
    await expect(split).rejects.toThrow('No row has a part');
  });

  it.each<[Partial<SplitFlags>, string]>([
    [{ method: 'authors', folds: 3 }, '--folds is for --method folds, found --method authors'],
    [{ repetition: 1 }, '--repetition is for --method benchmark, found --method shares'],
    [{ method: 'al-resnet', stratify: false }, '--no-stratify is for --method shares or folds'],
    [{ name: '../up' }, "found '../up'"],
    [{ from: 'x.csv' }, '--from reads a split; --method is for one that is made'],
    [{ method: 'benchmark', out: 'x.csv' }, 'choose one of the five with --repetition'],
  ])('refuses %j', async (flags, problem) => {
    await expect(runSplit(path, { ...FLAGS, ...flags })).rejects.toThrow(problem);
    expect(await splitFiles(path)).toEqual([]);
  });

  it('refuses a folder that is no store', async () => {
    await expect(runSplit(folder, FLAGS)).rejects.toThrow(folder);
  });
});

describe('--shares', () => {
  it('takes parts and sizes', () => {
    expect(shares('train=0.75, test=.25')).toEqual({ train: 0.75, test: 0.25 });
  });

  it.each(['train=0.8', 'train=0.8,test=0.3', 'a=0.5,a=0.5', 'a=0.5;b=0.5', 'a=1.5,b=-0.5', ''])(
    'refuses %j',
    (text) => {
      expect(() => shares(text)).toThrow('sum to 1');
    },
  );
});
