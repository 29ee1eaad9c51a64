import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Dataset, File as Hdf5, ready } from 'h5wasm/node';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alResnetHdf5 } from '../sets/al-resnet-hdf5.js';
import { makeSplit, readSplit, writeSplit } from '../splits/index.js';
import { type NewRow, Store, StoreWriter } from '../store/index.js';
import { DataError, isRejection } from '../types.js';
import { exportAlResnetHdf5 } from './al-resnet-hdf5.js';

const SIDE = 8;
const AGES = [1, 5, 6, 18, 19, 25, 26, 35, 36, 45, 46, 50, 51, 65, 66, 110, 30, 31, 32, 33];
/** As the document has them. */
const OF_14 = [1, 1, 2, 4, 4, 5, 6, 7, 8, 9, 10, 10, 11, 13, 14, 14, 6, 7, 7, 7];
const OF_8 = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 4, 4, 4, 4];

let folder: string;
let store: Store;

async function storeOf(name: string, ages: readonly number[], split: boolean): Promise<Store> {
  const path = join(folder, name);
  const writer = await StoreWriter.create(path, {
    origin: { id: 'tiny', title: 'Tiny', homepage: '', citation: '', terms: '', labels: 'exact age' },
    options: { reader: {}, cleaning: {}, pictures: { size: SIDE, quality: null, crop: null } },
  });
  const labels: Partial<NewRow>[] = ages.map((age, i) => ({
    age: { age },
    gender: i % 2 === 0 ? 'male' : 'female',
  }));
  // Neither has all that the file holds.
  for (const [row, label] of [
    ...labels,
    { age: { from: 20, to: 29 } },
    { gender: 'male' as const },
  ].entries()) {
    const background = { r: row, g: 7, b: 9 };
    const image = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background } })
      .png()
      .toBuffer();
    await writer.append({ path: `${row}.png`, image, ...label } as NewRow);
  }
  await writer.finish({ threshold: 0, groups: [] });
  const opened = await Store.open(path);
  if (split) {
    const made = await makeSplit(opened, { name: 'al-resnet', validation: 0.25 }, 3);
    await writeSplit(join(path, 'paper.split.json'), made);
  }
  return opened;
}

beforeAll(async () => {
  await ready;
  folder = await mkdtemp(join(tmpdir(), 'agewise-al-resnet-hdf5-'));
  store = await storeOf('store', AGES, true);
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const options = { size: SIDE, split: 'paper', groups: 'groups-14' } as const;

it.each([
  ['groups-14', OF_14],
  ['groups-8', OF_8],
] as const)('writes age, gender and %s of the parts to train and to test', async (groups, numbers) => {
  const path = join(folder, `${groups}.h5`);
  expect(await exportAlResnetHdf5(store, path, { ...options, groups })).toEqual({ rows: AGES.length });
  const { parts } = await readSplit(join(store.folder, 'paper.split.json'), store);
  const known = (rows: Iterable<number>) =>
    [...rows].filter((row) => row < AGES.length).sort((a, b) => a - b);
  const expected = {
    train: known([...parts.get('train')!, ...parts.get('validation')!]),
    test: known(parts.get('test')!),
  };
  const file = new Hdf5(path, 'r');
  try {
    expect(file.keys().sort()).toEqual(['test_images', 'test_meta', 'train_images', 'train_meta']);
    for (const [part, rows] of Object.entries(expected)) {
      const meta = file.get(`${part}_meta`) as Dataset;
      expect(meta.shape).toEqual([rows.length, 3]);
      expect([...(meta.value as Uint8Array)]).toEqual(
        rows.flatMap((row) => [AGES[row]!, row % 2, numbers[row]!]),
      );
      const images = file.get(`${part}_images`) as Dataset;
      expect(images.shape).toEqual([rows.length, SIDE, SIDE, 3]);
      const pixels = images.value as Uint8Array;
      expect(rows.map((_, i) => pixels[i * SIDE * SIDE * 3])).toEqual(rows);
    }
  } finally {
    file.close();
  }
});

it('writes what the reader of such files reads', async () => {
  const path = join(folder, 'read.h5');
  await exportAlResnetHdf5(store, path, { ...options, groups: 'groups-8' });
  const ages: number[] = [];
  for await (const reading of alResnetHdf5.read(path)) {
    if (!isRejection(reading) && reading.age && 'age' in reading.age) ages.push(reading.age.age);
  }
  expect(ages.toSorted((a, b) => a - b)).toEqual(AGES.toSorted((a, b) => a - b));
});

it('refuses an age that is in no group, and a split without a part to test', async () => {
  const young = await storeOf('young', [0, 3, 4, 20, 30], true);
  try {
    await expect(exportAlResnetHdf5(young, join(folder, 'young.h5'), options)).rejects.toThrow(
      new DataError(
        `${young.folder}: 0.png: expected an age of the groups 'groups-14', which begin at 1, found 0`,
      ),
    );
  } finally {
    await young.close();
  }
  const folds = await makeSplit(store, { name: 'folds', folds: 2, stratify: false }, 0);
  await writeSplit(join(store.folder, 'folds.split.json'), folds);
  await expect(
    exportAlResnetHdf5(store, join(folder, 'folds.h5'), { ...options, split: 'folds' }),
  ).rejects.toThrow(
    new DataError(`${store.folder}: expected a split with a part 'test', found 'folds' with fold0, fold1`),
  );
});
