import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Dataset, File as Hdf5, ready } from 'h5wasm/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Store } from '../store/index.js';
import { DataError } from '../types.js';
import { exportHdf5 } from './hdf5.js';
import { colour, ROWS, SIDE, writeStore } from './testing.js';

let folder: string;
let store: Store;
beforeAll(async () => {
  await ready;
  folder = await mkdtemp(join(tmpdir(), 'agewise-hdf5-export-'));
  store = await Store.open(await writeStore(join(folder, 'store')));
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function read<T>(path: string, use: (get: (name: string) => Dataset, file: Hdf5) => T): T {
  const file = new Hdf5(path, 'r');
  try {
    return use((name) => file.get(name) as Dataset, file);
  } finally {
    file.close();
  }
}

it('writes pictures and labels in the order of the store', async () => {
  const path = join(folder, 'whole.h5');
  const progress: number[] = [];
  await exportHdf5(store, path, { size: SIDE, onProgress: (done) => progress.push(done) });
  expect(progress).toEqual([ROWS]);
  read(path, (get, file) => {
    expect(file.keys().sort()).toEqual([
      'age',
      'age_max',
      'age_min',
      'age_std',
      'face_box',
      'gender',
      'identity',
      'images',
      'path',
      'race',
      'source',
      'split',
    ]);
    expect(get('images').shape).toEqual([ROWS, SIDE, SIDE, 3]);
    expect(get('images').metadata.chunks).toEqual([1, SIDE, SIDE, 3]);
    for (let row = 0; row < ROWS; row++) {
      const pixels = get('images').slice([[row, row + 1], [], [], []]) as Uint8Array;
      expect([...pixels.subarray(-3)]).toEqual(colour(row));
    }
    expect([...(get('age').value as Float32Array)]).toEqual([20, 31.5, Number.NaN, Number.NaN, 3]);
    expect([...(get('age_std').value as Float32Array)]).toEqual([NaN, 2.25, NaN, NaN, NaN]);
    expect([...(get('age_min').value as Float32Array)]).toEqual([NaN, NaN, 60, NaN, NaN]);
    expect([...(get('age_max').value as Float32Array)]).toEqual([NaN, NaN, 69, NaN, NaN]);
    expect([...(get('gender').value as Int8Array)]).toEqual([0, 1, -1, 0, 1]);
    expect(get('path').value).toEqual(['ä 0.png', 'ä 1.png', 'ä 2.png', 'ä 3.png', 'ä 4.png']);
    expect(get('identity').value).toEqual(['Zoë', '章子怡', '', 'Zoë', '']);
    expect(get('source').value).toEqual(Array(ROWS).fill('tiny'));
    expect(get('race').value).toEqual(Array(ROWS).fill(''));
    expect(file.attrs.title!.value).toBe('Tiny faces');
  });
});

it('writes the same bytes each time', async () => {
  const [first, second] = [join(folder, 'first.h5'), join(folder, 'second.h5')];
  await exportHdf5(store, first, { size: SIDE });
  // HDF5 counts whole seconds.
  await setTimeout(1100);
  await exportHdf5(store, second, { size: SIDE });
  expect((await readFile(first)).equals(await readFile(second))).toBe(true);
  expect(Math.abs(Date.now() - performance.timeOrigin - performance.now())).toBeLessThan(60_000);
});

it('scales face boxes with their pictures', async () => {
  const path = join(folder, 'small.h5');
  await exportHdf5(store, path, { size: SIDE / 2 });
  read(path, (get) => {
    expect(get('images').shape).toEqual([ROWS, SIDE / 2, SIDE / 2, 3]);
    expect([...(get('face_box').slice([[0, 1], []]) as Float32Array)]).toEqual([0.5, 1, 3, 3.5]);
    expect([...(get('face_box').slice([[1, 2], []]) as Float32Array)]).toEqual([NaN, NaN, NaN, NaN]);
  });
});

it('passes pictures through in batches', async () => {
  const path = join(folder, 'large.h5');
  const progress: number[] = [];
  // 16 MiB hold one picture of this size, and not two.
  await exportHdf5(store, path, { size: 2000, onProgress: (done) => progress.push(done) });
  expect(progress).toEqual([1, 2, 3, 4, 5]);
  read(path, (get) => {
    expect([...(get('gender').value as Int8Array)]).toEqual([0, 1, -1, 0, 1]);
    const last = get('images').slice([[4, 5], [1999, 2000], [1999, 2000], []]) as Uint8Array;
    expect([...last]).toEqual(colour(4));
  });
});

it('leaves nothing behind if it is interrupted', async () => {
  const controller = new AbortController();
  const path = join(folder, 'interrupted.h5');
  const options = { size: 2000, signal: controller.signal, onProgress: () => controller.abort() };
  await expect(exportHdf5(store, path, options)).rejects.toThrow(/abort/);
  expect(readdirSync(folder).filter((name) => name.startsWith('interrupted'))).toEqual([]);
});

it('replaces a file only if requested', async () => {
  const path = join(folder, 'there.h5');
  await writeFile(path, 'something');
  await expect(exportHdf5(store, path, { size: SIDE })).rejects.toThrow(
    new DataError({ subject: path, expected: 'a new name', found: 'an existing file or folder' }),
  );
  await exportHdf5(store, path, { size: SIDE, overwrite: true });
  expect(read(path, (get) => get('age').shape)).toEqual([ROWS]);
});

it('reports if it cannot write', async () => {
  const path = join(folder, 'nowhere', 'file.h5');
  await expect(exportHdf5(store, path, { size: SIDE })).rejects.toThrow(/file\.h5: it cannot be written: /);
  expect(existsSync(join(folder, 'nowhere'))).toBe(false);
});
