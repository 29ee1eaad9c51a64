import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MatFile } from '../formats/mat/file.js';
import { ageGenderMat } from '../sets/age-gender-mat.js';
import { Store, StoreWriter } from '../store/index.js';
import { isRejection, type Sample } from '../types.js';
import { exportAgeGenderMat } from './age-gender-mat.js';
import { colour, SIDE, writeStore } from './testing.js';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-mat-export-'));
  store = await Store.open(await writeStore(join(folder, 'store')));
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

it('writes the rows that have age and gender, as their reader reads them', async () => {
  const path = join(folder, 'db.mat');
  expect(await exportAgeGenderMat(store, path, { size: SIDE })).toEqual({ rows: 3, leftOut: 2, capped: 0 });
  const samples: Sample[] = [];
  for await (const reading of ageGenderMat.read(path)) if (!isRejection(reading)) samples.push(reading);
  expect(samples.map(({ age }) => age)).toEqual([{ age: 20 }, { age: 32 }, { age: 3 }]);
  expect(samples.map(({ gender }) => gender)).toEqual(['female', 'male', 'male']);
  for (const [i, row] of [0, 1, 4].entries()) {
    const { image } = samples[i]!;
    const pixels =
      'bytes' in image
        ? await sharp(await image.bytes())
            .raw()
            .toBuffer()
        : [];
    expect([...pixels]).toEqual(
      Array(SIDE * SIDE)
        .fill(colour(row))
        .flat(),
    );
  }
});

it('has blue first and counts down the rows of pictures', async () => {
  const path = join(folder, 'order.mat');
  await exportAgeGenderMat(store, path, { size: SIDE });
  const file = MatFile.open(path);
  const image = await file.read('image');
  expect(image.description).toBe(`uint8 3×${SIDE}×${SIDE}×3`);
  const numbers = image.numbers();
  const plane = 3 * SIDE * SIDE;
  // The first pixel of the three pictures in each of the planes blue, green and red.
  expect([...numbers.subarray(0, 3)]).toEqual([7, 7, 7]);
  expect([...numbers.subarray(plane, plane + 3)]).toEqual([255, 254, 251]);
  expect([...numbers.subarray(2 * plane, 2 * plane + 3)]).toEqual([0, 10, 40]);
  file.close();
});

it('counts whom it makes a hundred', async () => {
  const source = join(folder, 'old');
  const writer = await StoreWriter.create(source, {
    origin: store.info,
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  const image = await store.image(0);
  for (const age of [99, 100, 100.6, 116]) {
    await writer.append({ path: `${age}.png`, image, age: { age }, gender: 'female' });
  }
  await writer.finish({ threshold: 0, groups: [] });
  const old = await Store.open(source);
  const path = join(folder, 'old.mat');
  expect(await exportAgeGenderMat(old, path, { size: SIDE })).toEqual({ rows: 4, leftOut: 0, capped: 2 });
  await old.close();
  const file = MatFile.open(path);
  expect([...(await file.read('age')).numbers()]).toEqual([99, 100, 100, 100]);
  file.close();
});

it('refuses what the format cannot hold, and leaves nothing behind', async () => {
  const path = join(folder, 'huge.mat');
  await expect(exportAgeGenderMat(store, path, { size: 20_000 })).rejects.toThrow(
    /expected at most 2147483647 bytes of pictures, .* found 3600000000$/,
  );
  expect(existsSync(path)).toBe(false);
});
