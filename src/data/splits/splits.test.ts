import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../random/index.js';
import type { StoreInfo, StoreRow } from '../store/index.js';
import { stratumOf } from './allocate.js';
import { assignParts } from './assign.js';
import { makeSplit, readSplit, type SplitStore, writeSplit } from './file.js';
import { groupsOf } from './groups.js';
import { type SplitMethod, splitMethodSchema } from './method.js';
import { LEFT_OUT, type SplitRow, type SplitSubject } from './types.js';

/** Rows of random ages and genders. */
function subject(count: number, over: (row: number) => Partial<SplitRow> = () => ({})): SplitSubject {
  const random = new Random(99);
  const rows = Array.from({ length: count }, (_, row) => ({
    path: `${row}.jpg`,
    source: 'made',
    age: { age: Math.floor(100 * random.uniform() ** 1.5) },
    gender: random.chance(0.4) ? ('female' as const) : ('male' as const),
    ...over(row),
  }));
  return { rows, duplicates: [] };
}

function rowsByPart(of: SplitSubject, method: SplitMethod, seed = 1): Record<string, number[]> {
  const { parts, partOf } = assignParts(of, method, seed);
  return Object.fromEntries(
    parts.map((name, part) => [name, [...partOf.keys()].filter((row) => partOf[row] === part)]),
  );
}

const SHARES: SplitMethod = {
  name: 'shares',
  shares: { train: 0.7, validation: 0.1, test: 0.2 },
  stratify: true,
};

const ALL_METHODS: SplitMethod[] = [
  SHARES,
  { ...SHARES, stratify: false },
  { name: 'folds', folds: 4, stratify: true },
  { name: 'authors' },
  { name: 'al-resnet' },
  { name: 'hash' },
  ...[0, 1, 2, 3, 4].map((repetition): SplitMethod => ({ name: 'benchmark', repetition })),
];

describe('groupsOf', () => {
  it('joins people and near-duplicates, and what they have in common', () => {
    const of = subject(8, (row) => (row === 1 || row === 6 ? { identity: 'ann' } : {}));
    const groups = groupsOf({
      ...of,
      duplicates: [
        [6, 2],
        [4, 5],
      ].map((g) => g.toSorted((a, b) => a - b)),
    });
    expect(groups).toEqual([[0], [1, 2, 6], [3], [4, 5], [7]]);
  });

  it('distinguishes people of one name in two data sets', () => {
    const of = subject(2, (row) => ({ identity: '7', source: `set${row}` }));
    expect(groupsOf(of)).toEqual([[0], [1]]);
  });
});

describe('every method', () => {
  const people = subject(600, (row) => ({
    identity: `person${(row * 7) % 150}`,
    split: ['train', 'test', 'validation'][row % 3]!,
  }));
  const of: SplitSubject = {
    ...people,
    duplicates: [
      [1, 2, 300],
      [17, 599],
    ],
  };

  it.each(ALL_METHODS)('keeps people and near-duplicates on one side: %j', (method) => {
    const { partOf } = assignParts(of, method, 5);
    for (const group of groupsOf(of)) {
      const sides = new Set(group.map((row) => partOf[row]).filter((part) => part !== LEFT_OUT));
      expect(sides.size).toBeLessThanOrEqual(1);
    }
  });

  it.each(ALL_METHODS)('leaves no part empty and says the same again: %j', (method) => {
    const parts = rowsByPart(of, method, 5);
    expect(Object.values(parts).every((rows) => rows.length > 0)).toBe(true);
    expect(rowsByPart(of, method, 5)).toEqual(parts);
  });
});

describe('shares', () => {
  const of = subject(5000);

  it('gives every part its share of each age band of each gender', () => {
    const parts = rowsByPart(of, SHARES);
    const count = (rows: readonly number[], key: string) =>
      rows.filter((row) => stratumOf(of.rows[row]!) === key).length;
    const all = of.rows.map((_, row) => row);
    for (const key of new Set(of.rows.map(stratumOf))) {
      for (const [part, share] of Object.entries({ train: 0.7, validation: 0.1, test: 0.2 })) {
        expect(Math.abs(count(parts[part]!, key) - share * count(all, key))).toBeLessThan(1);
      }
    }
  });

  it('has exact sizes as a whole', () => {
    const sizes = Object.values(rowsByPart(of, { ...SHARES, stratify: false })).map((rows) => rows.length);
    expect(sizes).toEqual([3500, 500, 1000]);
  });

  it('is another one for another seed', () => {
    expect(rowsByPart(of, SHARES, 1).test).not.toEqual(rowsByPart(of, SHARES, 2).test);
  });

  it('does not follow the order of the rows', () => {
    const { test } = rowsByPart(of, SHARES);
    const firstHalf = test!.filter((row) => row < 2500).length / test!.length;
    expect(Math.abs(firstHalf - 0.5)).toBeLessThan(0.06);
  });

  it.each([
    [{ train: 0.8, test: 0.3 }, 'sum to 1'],
    [{ train: 0.99999999 }, 'two or more parts'],
    [{ train: 0, test: 1 }, ''],
  ])('refuses %j', (shares, problem) => {
    const parsed = splitMethodSchema.safeParse({ ...SHARES, shares });
    expect(parsed.success).toBe(false);
    expect(parsed.error!.message).toContain(problem);
  });
});

describe('folds', () => {
  it('are of equal size', () => {
    const parts = rowsByPart(subject(1000), { name: 'folds', folds: 5, stratify: false });
    expect(Object.entries(parts).map(([name, rows]) => [name, rows.length])).toEqual(
      [0, 1, 2, 3, 4].map((k) => [`fold${k}`, 200]),
    );
  });
});

describe('authors', () => {
  it('leaves rows if they are, and out if they are nowhere', () => {
    const splits = ['test', 'train', undefined, 'validation', 'train'] as const;
    const of = subject(5, (row) => (splits[row] === undefined ? {} : { split: splits[row] }));
    expect(rowsByPart(of, { name: 'authors' })).toEqual({ train: [1, 4], validation: [3], test: [0] });
  });

  it('takes from training what is near a test picture', () => {
    const of = subject(4, (row) => ({ split: row < 2 ? 'train' : 'test' }));
    const parts = rowsByPart({ ...of, duplicates: [[1, 3]] }, { name: 'authors' });
    expect(parts).toEqual({ train: [0], test: [2, 3] });
  });

  it('orders folds by number', () => {
    const of = subject(12, (row) => ({ split: `fold${11 - row}` }));
    expect(Object.keys(rowsByPart(of, { name: 'authors' })).slice(0, 3)).toEqual(['fold0', 'fold1', 'fold2']);
  });

  it('refuses a data set without one', () => {
    expect(() => assignParts(subject(3), { name: 'authors' }, 1)).toThrow('No row has a part');
  });
});

describe('al-resnet', () => {
  it('cuts validation only from the end of the training part', () => {
    const of = subject(1000);
    const plain = rowsByPart(of, { name: 'al-resnet' });
    const cut = rowsByPart(of, { name: 'al-resnet', validation: 0.2 });
    expect(cut.test).toEqual(plain.test);
    expect([...cut.train!, ...cut.validation!].sort((a, b) => a - b)).toEqual(plain.train);
    expect([cut.train!.length, cut.validation!.length]).toEqual([640, 160]);
  });

  it('trains on 80%, of all ages though the rows are sorted by age', () => {
    const of = subject(1000, (row) => ({ age: { age: Math.floor(row / 10) } }));
    const { train, test } = rowsByPart(of, { name: 'al-resnet' });
    expect([train!.length, test!.length]).toEqual([800, 200]);
    const meanAge = test!.reduce((sum, row) => sum + Math.floor(row / 10), 0) / test!.length;
    expect(Math.abs(meanAge - 49.5)).toBeLessThan(6);
  });
});

describe('benchmark', () => {
  // The folders of each part as the authors' page lists them.
  const PUBLISHED = [
    { train: [0, 1, 2, 3, 4, 5], validation: [6, 7], test: [8, 9] },
    { train: [2, 3, 4, 5, 6, 7], validation: [8, 9], test: [0, 1] },
    { train: [4, 5, 6, 7, 8, 9], validation: [0, 1], test: [2, 3] },
    { train: [5, 6, 7, 8, 9, 0], validation: [1, 2], test: [3, 4] },
    { train: [6, 7, 8, 9, 0, 1], validation: [2, 3], test: [4, 5] },
  ];

  it.each([0, 1, 2, 3, 4])('takes the published folders in repetition %i', (repetition) => {
    const parts = rowsByPart(subject(100), { name: 'benchmark', repetition });
    const folders = Object.fromEntries(
      Object.entries(parts).map(([part, rows]) => [part, [...new Set(rows.map((row) => row % 10))].sort()]),
    );
    expect(folders).toEqual(
      Object.fromEntries(Object.entries(PUBLISHED[repetition]!).map(([part, f]) => [part, f.toSorted()])),
    );
  });

  it('spreads the ages of people evenly', () => {
    const of = subject(2000, (row) => ({ identity: String(row >> 1), age: { age: 20 + ((row >> 1) % 4) } }));
    const parts = rowsByPart(of, { name: 'benchmark', repetition: 2 });
    for (const age of [20, 21, 22, 23]) {
      const here = parts.test!.filter((row) => 20 + ((row >> 1) % 4) === age);
      expect(here.length).toBe(100);
    }
  });

  it.each(['cacd', 'chalearn-lap-2016'])('keeps the split of its authors: %s', (source) => {
    const of = subject(6, (row) => ({ source, split: row < 4 ? 'train' : 'test' }));
    const parts = rowsByPart(of, { name: 'benchmark', repetition: 3 });
    expect(parts).toEqual({ train: [0, 1, 2, 3], test: [4, 5] });
  });
});

describe('a split file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'agewise-split-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  function fakeStore(of: SplitSubject, fingerprint = 'abc'): SplitStore {
    return {
      folder: '/stores/made',
      length: of.rows.length,
      info: { id: 'made', rows: of.rows.length, fingerprint } as StoreInfo,
      async *rows(): AsyncGenerator<StoreRow> {
        for (const [index, row] of of.rows.entries()) yield { index, ...row };
      },
      duplicates: async () => of.duplicates,
    };
  }

  const of = subject(1000);
  const file = (name: string) => join(folder, `${name}.split.json`);

  it('returns what was split', async () => {
    const store = fakeStore(of);
    await writeSplit(file('whole'), await makeSplit(store, SHARES, 7));
    const split = await readSplit(file('whole'), store);
    const expected = rowsByPart(of, SHARES, 7);
    expect([...split.parts].map(([name, rows]) => [name, [...rows]])).toEqual(Object.entries(expected));
    expect([split.seed, split.method, split.leftOut]).toEqual([7, SHARES, 0]);
    expect(await readdir(folder)).toEqual(['whole.split.json']);
  });

  it('is small', async () => {
    const many = { rows: new Array(200_000).fill(of.rows[0]), duplicates: [] };
    const split = await makeSplit(fakeStore(many), { ...SHARES, stratify: false }, 1);
    // The entropy of shares of 0.7, 0.1 and 0.2 is 1.16 bits a row.
    expect(split.assignment.length).toBeLessThan(200_000 / 3);
  });

  it('is made once', async () => {
    const split = await makeSplit(fakeStore(of), SHARES, 7);
    await writeSplit(file('once'), split);
    await expect(writeSplit(file('once'), split)).rejects.toThrow(
      'once.split.json exists: a split is made once',
    );
    await writeSplit(file('once'), split, { overwrite: true });
  });

  it('is refused by another store', async () => {
    await writeSplit(file('other'), await makeSplit(fakeStore(of), SHARES, 7));
    await expect(readSplit(file('other'), fakeStore(of, 'abd'))).rejects.toThrow(
      'expected a split of /stores/made (made, 1000 rows), found one of another store (made, 1000 rows)',
    );
    await expect(readSplit(file('other'), fakeStore(subject(999)))).rejects.toThrow(
      'found one of another store',
    );
  });

  it('refuses to leave a part without rows', async () => {
    const store = fakeStore(subject(4));
    await expect(makeSplit(store, { name: 'folds', folds: 7, stratify: false }, 1)).rejects.toThrow(
      "part 'fold4' would hold none of the 4 rows",
    );
  });

  it.each([
    ['no JSON', (text: string) => text.slice(0, 100), 'found no JSON'],
    ['another version', (text: string) => text.replace('"version": 1', '"version": 2'), "at 'version'"],
    [
      'a damaged assignment',
      (text: string) => text.replace(/"assignment": ".{9}/, '"assignment": "AAAAAAAAA'),
      'damaged',
    ],
    ['wrong counts', (text: string) => text.replace('"rows": 700', '"rows": 701'), 'counts'],
  ])('is refused if it holds %s', async (name, damage, problem) => {
    const store = fakeStore(of);
    await writeSplit(file('good'), await makeSplit(store, { ...SHARES, stratify: false }, 7), {
      overwrite: true,
    });
    await writeFile(file(name), damage(await readFile(file('good'), 'utf8')));
    await expect(readSplit(file(name), store)).rejects.toThrow(problem);
  });

  it('reports if there is none', async () => {
    await expect(readSplit(file('none'), fakeStore(of))).rejects.toThrow('no such split file');
  });
});

describe('people', () => {
  const people: SplitMethod = { name: 'people' };

  it('has a part for each person, and leaves out rows without one', () => {
    const of = subject(7, (row) => (row === 6 ? {} : { identity: ['ann', 'bob', 'cid'][row % 3]! }));
    expect(rowsByPart(of, people)).toEqual({ ann: [0, 3], bob: [1, 4], cid: [2, 5] });
  });

  it('keeps people together who share near-duplicates, and distinguishes those of two sets', () => {
    const of = subject(4, (row) => ({ identity: ['1', '2', '1', '3'][row]!, source: row === 2 ? 'b' : 'a' }));
    expect(rowsByPart({ ...of, duplicates: [[1, 3]] }, people)).toEqual({
      'a/1': [0],
      '2+3': [1, 3],
      'b/1': [2],
    });
  });

  it('is refused if no people or too many are named', () => {
    expect(() => assignParts(subject(3), people, 0)).toThrow(
      'expected pictures that name people, found none',
    );
    const many = subject(256, (row) => ({ identity: `${row}` }));
    expect(() => assignParts(many, people, 0)).toThrow(
      'at most 255 people, each of whom is a part, found 256',
    );
  });
});
