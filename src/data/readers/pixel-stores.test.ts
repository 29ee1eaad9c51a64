import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { loadHdf5 } from '../formats/hdf5.js';
import { ageGenderMat } from '../sets/age-gender-mat.js';
import { alResnetHdf5 } from '../sets/al-resnet-hdf5.js';
import { DataError, type DatasetReader, isRejection, type Sample } from '../types.js';

/** By scipy and h5py, see scripts/fixtures. */
const fixture = (name: string) => new URL(`../../../test/fixtures/${name}`, import.meta.url).pathname;

async function readAll(reader: DatasetReader, source: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const reading of reader.read(source)) {
    if (isRejection(reading)) throw new Error(reading.detail);
    samples.push(reading);
  }
  return samples;
}

async function pixelsOf(sample: Sample): Promise<number[]> {
  if (!('bytes' in sample.image)) throw new Error('a picture in memory is expected');
  return [
    ...(await sharp(await sample.image.bytes())
      .raw()
      .toBuffer()),
  ];
}

/** The pictures of the fixtures in the order in which numpy counts, 7 more from byte to byte. */
const picture = (row: number) => Array.from({ length: 48 }, (_, i) => ((row * 48 + i) * 7) % 256);

/** Each pixel's first and last byte swapped. */
const swapped = (bytes: readonly number[]) => bytes.map((_, i) => bytes[i + 2 - 2 * (i % 3)]!);

describe('the store of age-gender-estimation', () => {
  it.each([
    ['mat/wiki_db.mat', ['female', 'male', 'male', 'female', 'female']],
    ['mat/utk_db.mat', ['male', 'female', 'female', 'male', 'male']],
  ])('%s has pictures, ages and the genders of its set', async (name, genders) => {
    const samples = await readAll(ageGenderMat, fixture(name));
    expect(samples.map(({ age }) => age)).toEqual([20, 31, 42, 0, 100].map((age) => ({ age })));
    expect(samples.map(({ gender }) => gender)).toEqual(genders);
    expect(samples[3]!.path).toBe('000003.png');
    for (const [row, sample] of samples.entries()) {
      expect(await pixelsOf(sample)).toEqual(swapped(picture(row)));
    }
  });

  it('refuses another MATLAB file', async () => {
    const path = fixture('mat/wiki.mat');
    await expect(readAll(ageGenderMat, path)).rejects.toThrow(
      new DataError(`${path}: expected a variable image, found wiki`),
    );
  });
});

describe('the store of AL-ResNet', () => {
  const ages = [52, 41, 49, 5, 116].map((age) => ({ age }));

  it('reads all pictures in one file', async () => {
    const samples = await readAll(alResnetHdf5, fixture('hdf5/5_many.h5'));
    expect(samples.map(({ age }) => age)).toEqual(ages);
    expect(samples.map(({ gender }) => gender)).toEqual(['male', 'female', 'male', 'female', 'male']);
    for (const [row, sample] of samples.entries()) expect(await pixelsOf(sample)).toEqual(picture(row));
  });

  it('reads the parts for training and testing', async () => {
    const samples = await readAll(alResnetHdf5, fixture('hdf5/train_test_data.h5'));
    expect(samples.map(({ age }) => age)).toEqual(ages);
    expect(samples.map(({ split }) => split)).toEqual(['train', 'train', 'train', 'train', 'test']);
    expect(samples.map(({ path }) => path).slice(3)).toEqual(['train/000003.png', 'test/000000.png']);
    expect(await pixelsOf(samples[4]!)).toEqual(picture(4));
  });

  it.each([
    ['beyond the groups', [[20, 0, 15]], 'of age 20 in row 0, 4 of groups-14 or 3 of groups-8, found 15'],
    ['of no age', [[0, 0, 1]], 'of age 0 in row 0, none of groups-14 or none of groups-8, found 1'],
    // The second row tells that there are 14 groups, the third one's group is of 8.
    [
      'of two sets',
      [
        [3, 0, 1],
        [70, 0, 14],
        [40, 1, 5],
      ],
      'of age 40 in row 2, 8 of groups-14, found 5',
    ],
  ])('refuses groups %s in one sentence', async (_, rows, sentence) => {
    const folder = await mkdtemp(join(tmpdir(), 'agewise-groups-'));
    try {
      const path = join(folder, 'groups.h5');
      const { File } = await loadHdf5();
      const file = new File(path, 'w');
      const images = new Uint8Array(rows.length * 48);
      file.create_dataset({ name: 'train_images', data: images, shape: [rows.length, 4, 4, 3], dtype: '<B' });
      const meta = Uint8Array.from(rows.flat());
      file.create_dataset({ name: 'train_meta', data: meta, shape: [rows.length, 3], dtype: '<B' });
      file.close();
      await expect(readAll(alResnetHdf5, path)).rejects.toThrow(
        new DataError(`${path}: train_meta: expected the group ${sentence}`),
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
