/** Splits that go out as tables and come in as such. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StoreWriter } from '../store/index.js';
import { Store } from '../store/store.js';
import { makeSplit, readSplit, writeSplit } from './file.js';
import { readGivenSplit, splitTable } from './given.js';

const PATHS = ['a/1.jpg', '=2.jpg', 'b,3.jpg', 'b,3.jpg', '5.jpg'];

let folder: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-given-'));
  const writer = await StoreWriter.create(join(folder, 'store'), {
    origin: { id: 'made', title: '', homepage: '', citation: '', terms: '', labels: 'exact age' },
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  for (const [row, path] of PATHS.entries()) {
    await writer.append({
      path,
      image: Uint8Array.of(row),
      age: { age: row },
      ...(row === 0 || row === 4 ? { identity: 'ann' } : {}),
    });
  }
  await writer.finish({ threshold: 0, groups: [] });
  store = await Store.open(join(folder, 'store'));
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function given(text: string) {
  const file = join(folder, 'table.csv');
  await writeFile(file, text);
  const { document, divided } = await readGivenSplit(file, store, 'mine');
  const path = join(folder, 'mine.split.json');
  await writeSplit(path, document, { overwrite: true });
  const { parts, ...rest } = await readSplit(path, store);
  return { parts: Object.fromEntries([...parts].map(([name, rows]) => [name, [...rows]])), divided, ...rest };
}

describe('a split as a table', () => {
  it('comes in again as it went out', async () => {
    const path = join(folder, 'halves.split.json');
    const shares = { train: 0.5, test: 0.5 };
    await writeSplit(path, await makeSplit(store, { name: 'shares', shares, stratify: false }, 3));
    const split = await readSplit(path, store);
    const table = await splitTable(store, split);
    expect(table.split('\n').slice(0, 4)).toEqual([
      'row,file,part',
      expect.stringMatching(/^0,a\/1\.jpg,(train|test)$/),
      expect.stringMatching(/^1,'=2\.jpg,(train|test)$/),
      expect.stringMatching(/^2,"b,3\.jpg",(train|test)$/),
    ]);
    const { parts, divided } = await given(table);
    expect(parts).toEqual(Object.fromEntries([...split.parts].map(([name, rows]) => [name, [...rows]])));
    expect(divided).toBe(0);
  });

  it('names pictures by row, by file or by both; the others are left out', async () => {
    const { parts, leftOut, method, divided } = await given(
      'part;file;row\nlearn;a/1.jpg;\nprove;;1\nlearn;"b,3.jpg";2\n;5.jpg;\n',
    );
    expect(parts).toEqual({ learn: [0, 2], prove: [1] });
    expect([leftOut, method, divided]).toEqual([2, { name: 'given', split: 'mine' }, 0]);
    expect((await given('file,part\n"b,3.jpg",x\n')).parts).toEqual({ x: [2, 3] });
  });

  it('that divides the pictures of a person is reported', async () => {
    expect((await given('row,part\n0,x\n4,y\n1,y\n')).divided).toBe(1);
  });

  it.each([
    ['row,file\n0,a/1.jpg\n', 'expected a column part'],
    ['row,part\n5,x\n', "expected a row of the store, 0 to 4, found '5'"],
    ['file,part\nnone.jpg,x\n', "expected a row or a file of the store, found 'none.jpg'"],
    ['row,file,part\n0,5.jpg,x\n', "expected row 0 to be 'a/1.jpg', as in the store, found '5.jpg'"],
    ['row,part\n0,x\n0,y\n', "expected row 0 in one part, found 'x' and 'y'"],
    ['row,part\n0,\n', 'expected rows in parts, found none'],
  ])('refuses %j', async (text, problem) => {
    await expect(given(text)).rejects.toThrow(problem);
  });

  it('that a store does not hold cannot be made', async () => {
    await expect(makeSplit(store, { name: 'given', split: 'nobody' }, 0)).rejects.toThrow(
      "expected a split 'nobody' in it (agewise data split --from), found none",
    );
  });
});
