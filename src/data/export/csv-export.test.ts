import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readerOf } from '../sets/index.js';
import { Store } from '../store/index.js';
import { isRejection, type Reading, type Sample } from '../types.js';
import { exportLabels } from './labels.js';
import { exportPictures } from './picture-folder.js';
import { ROWS, writeStore } from './testing.js';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-csv-export-'));
  store = await Store.open(await writeStore(join(folder, 'store')));
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const HEADER =
  'row,path,age,age_min,age_max,age_std,gender,race,identity,face_x,face_y,face_width,face_height,source,source_path,split';

async function readAll(file: string): Promise<Reading[]> {
  const readings: Reading[] = [];
  for await (const reading of readerOf('csv').read(file)) readings.push(reading);
  return readings;
}

it('writes labels, a row each, with nothing for what is unknown', async () => {
  const path = join(folder, 'labels.csv');
  await exportLabels(store, path);
  const lines = (await readFile(path, 'utf8')).split('\n');
  expect(lines).toEqual([
    HEADER,
    '0,ä 0.png,20,,,,female,,Zoë,1,2,6,7,tiny,ä 0.png,',
    '1,ä 1.png,31.5,,,2.25,male,,章子怡,,,,,tiny,ä 1.png,',
    '2,ä 2.png,,60,69,,,,,,,,,tiny,ä 2.png,',
    '3,ä 3.png,,,,,female,,Zoë,,,,,tiny,ä 3.png,',
    '4,ä 4.png,3,,,,male,,,,,,,tiny,ä 4.png,',
    '',
  ]);
  await expect(exportLabels(store, path)).rejects.toThrow(/expected a new name/);
  await exportLabels(store, path, { overwrite: true });
});

it('writes pictures as they are stored, and labels that name them', async () => {
  const out = join(folder, 'pictures');
  const progress: number[] = [];
  await exportPictures(store, out, { onProgress: (done) => progress.push(done) });
  expect((await readdir(out)).sort()).toEqual(['images', 'labels.csv']);
  expect(await readdir(join(out, 'images', '0000'))).toHaveLength(ROWS);
  for (let row = 0; row < ROWS; row++) {
    const written = await readFile(join(out, 'images', '0000', `000000${row}.png`));
    expect(written.equals(await store.image(row))).toBe(true);
  }
  expect(progress).toEqual([ROWS]);
});

it('writes what can be imported again', async () => {
  const out = join(folder, 'again');
  await exportPictures(store, out);
  const readings = await readAll(join(out, 'labels.csv'));
  const samples = readings.filter((reading): reading is Sample => !isRejection(reading));
  const labels = samples.map(({ age, gender, identity, faceBox }) => [age, gender, identity, faceBox]);
  expect(labels).toEqual([
    [{ age: 20 }, 'female', 'Zoë', { x: 1, y: 2, width: 6, height: 7 }],
    [{ age: 31.5, std: 2.25 }, 'male', '章子怡', undefined],
    [{ from: 60, to: 69 }, undefined, undefined, undefined],
    [{ age: 3 }, 'male', undefined, undefined],
  ]);
  expect(readings.filter(isRejection).map(({ reason }) => reason)).toEqual(['no age']);
});

it('leaves nothing behind if it is interrupted', async () => {
  const signal = AbortSignal.abort();
  await expect(exportPictures(store, join(folder, 'interrupted'), { signal })).rejects.toThrow(/abort/);
  await expect(exportLabels(store, join(folder, 'interrupted.csv'), { signal })).rejects.toThrow(/abort/);
  expect((await readdir(folder)).filter((name) => name.startsWith('interrupted'))).toEqual([]);
});

it('reports what the system refuses, and leaves nothing behind', async () => {
  const nowhere = join(folder, 'nowhere', 'labels.csv');
  await expect(exportLabels(store, nowhere)).rejects.toThrow(
    new RegExp(`^${nowhere}: it cannot be written: it does not exist`),
  );
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
    syscall: 'write',
  });
  const broken = Object.assign(Object.create(store), { image: () => Promise.reject(full) });
  const out = join(folder, 'full');
  await expect(exportPictures(broken, out)).rejects.toThrow(`${out}: it cannot be written: the disk is full`);
  expect((await readdir(folder)).filter((name) => name.startsWith('full'))).toEqual([]);
});

it('does not write into a folder that is there', async () => {
  await expect(exportPictures(store, folder)).rejects.toThrow(/expected a new name/);
});
