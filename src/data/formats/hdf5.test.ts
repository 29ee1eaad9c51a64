import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DataError } from '../types.js';
import { Hdf5File } from './hdf5.js';

/** By h5py, see scripts/fixtures/hdf5.py. */
const path = new URL('../../../test/fixtures/hdf5/5_many.h5', import.meta.url).pathname;

const folder = mkdtempSync(join(tmpdir(), 'agewise-hdf5-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('reads rows of bytes', async () => {
  const file = await Hdf5File.open(path);
  expect(file.names).toEqual(['images', 'meta']);
  const meta = file.rows('meta');
  expect(meta.shape).toEqual([5, 2]);
  expect([...meta.read(1, 4)]).toEqual([41, 1, 49, 0, 5, 1]);
  expect(file.rows('images').read(4, 5)[0]).toBe((4 * 48 * 7) % 256);
  expect(() => file.rows('labels')).toThrow(
    new DataError(`${path}: expected a dataset labels, found images, meta`),
  );
  file.close();
});

it('reports what a file is that is not one', async () => {
  const none = join(folder, 'none.h5');
  await expect(Hdf5File.open(none)).rejects.toThrow(
    new DataError(`${none}: expected an HDF5 file, found no such file`),
  );
  const page = join(folder, 'page.h5');
  writeFileSync(page, '<html>'.repeat(100));
  await expect(Hdf5File.open(page)).rejects.toThrow(
    new DataError(`${page}: expected an HDF5 file, found file signature not found`),
  );
});

it('refuses a file wherever it is cut', async () => {
  const whole = readFileSync(path);
  const cut = join(folder, 'cut.h5');
  for (let length = 0; length < whole.length; length += 97) {
    writeFileSync(cut, whole.subarray(0, length));
    const opened = Hdf5File.open(cut);
    await expect(opened, `${length} bytes`).rejects.toThrow(DataError);
    await expect(opened).rejects.toThrow(cut);
  }
});

it('does nothing but refuse a file in which a byte is changed', async () => {
  const whole = readFileSync(path);
  const damaged = join(folder, 'damaged.h5');
  for (let at = 0; at < whole.length; at += 11) {
    const bytes = Uint8Array.from(whole);
    bytes[at] = bytes[at]! ^ 0xff;
    writeFileSync(damaged, bytes);
    try {
      const file = await Hdf5File.open(damaged);
      try {
        for (const name of ['images', 'meta']) file.rows(name).read(0, 5);
      } finally {
        file.close();
      }
    } catch (error) {
      expect(error, `${at}`).toBeInstanceOf(DataError);
    }
  }
});
