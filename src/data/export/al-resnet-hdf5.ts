/**
 * A store as the HDF5 file that the notebooks of AL-ResNet train from, `train_test_data.h5`: `train_images` and `test_images`
 * uint8 `[N, size, size, 3]`, red first, with `train_meta` and `test_meta` uint8 `[N, 3]`: age, gender (0 male, 1 female) and
 * age group, from 1.
 *
 * Source: `store_many_hdf5` in Deep_Age_Classifiers_data_split.ipynb.
 */
import { join } from 'node:path';
import { CLASS_SETS } from '../../age/index.js';
import { AL_RESNET_GENDERS, type GroupSet, groupOf } from '../formats/al-resnet-groups.js';
import { readSplit } from '../splits/index.js';
import type { Store, StoreRow } from '../store/index.js';
import { DataError } from '../types.js';
import { attempt, Column, writeHdf5 } from './hdf5-file.js';
import type { ExportOptions } from './options.js';
import { pictureBatches } from './pictures.js';

/** Bytes of pictures that are in memory at once. */
const BATCH = 2 ** 24;
const LABEL_CHUNK = 4096;
const COLUMNS = 3;
const TEST = 'test';

export interface AlResnetOptions extends ExportOptions {
  readonly groups: GroupSet;
  /** A split of the store with a part `test`; all of its other parts are for training. */
  readonly split: string;
}

export interface AlResnetExport {
  /** How many rows the file has. */
  readonly rows: number;
}

/**
 * Writes the rows of a split's parts that have an age in years and a gender, in order.
 * @throws DataError if the split has no part `test`, an age is in no group, a part would be empty, the file is there already, or
 *   the disk does not take it; ImageError for a picture that cannot be decoded.
 */
export async function exportAlResnetHdf5(
  store: Store,
  path: string,
  { size, groups, split, overwrite = false, signal, onProgress }: AlResnetOptions,
): Promise<AlResnetExport> {
  const { parts } = await readSplit(join(store.folder, `${split}.split.json`), store);
  const test = parts.get(TEST);
  if (test === undefined) {
    throw new DataError(
      `${store.folder}: expected a split with a part '${TEST}', found '${split}' with ${[...parts.keys()].join(', ')}`,
    );
  }
  const train = [...parts].flatMap(([name, rows]) => (name === TEST ? [] : [...rows]));
  const chosen = [
    { prefix: 'train', rows: new Set(train) },
    { prefix: TEST, rows: new Set(test) },
  ] as const;
  const labels = await labelsOf(store, groups);
  const counts = chosen.map(({ prefix, rows }) => {
    const count = [...rows].filter((row) => labels.has(row)).length;
    if (count > 0) return count;
    throw new DataError(`${store.folder}: expected rows with age and gender to ${prefix}, found none`);
  });
  const total = counts.reduce((a, b) => a + b);
  const length = Math.max(1, Math.floor(BATCH / (size * size * 3)));
  let written = 0;
  await writeHdf5(path, overwrite, async (file) => {
    for (const [i, { prefix, rows }] of chosen.entries()) {
      const accepts = ({ index }: StoreRow) => rows.has(index) && labels.has(index);
      let columns: { readonly images: Column; readonly meta: Column } | undefined;
      let done = 0;
      for await (const batch of pictureBatches(store, { size, length, accepts, signal })) {
        const meta = Uint8Array.from(batch.rows.flatMap(({ index }) => [...labels.get(index)!]));
        const images = { values: batch.pixels, type: '<B', shape: [size, size, 3], chunk: 1 } as const;
        const numbers = { values: meta, type: '<B', shape: [COLUMNS], chunk: LABEL_CHUNK } as const;
        const { length: count } = batch.rows;
        attempt(path, () => {
          columns ??= {
            images: new Column(file, `${prefix}_images`, counts[i]!, images),
            meta: new Column(file, `${prefix}_meta`, counts[i]!, numbers),
          };
          columns.images.write(done, count, images);
          columns.meta.write(done, count, numbers);
        });
        done += count;
        written += count;
        onProgress?.(written, total);
      }
    }
  });
  return { rows: written };
}

/** Age, gender and group of the rows that have them, by their numbers. */
async function labelsOf(store: Store, groups: GroupSet): Promise<Map<number, readonly number[]>> {
  const labels = new Map<number, readonly number[]>();
  for await (const { index, path, age, gender } of store.rows()) {
    if (age === undefined || !('age' in age) || gender === undefined) continue;
    const years = Math.floor(age.age);
    const group = groupOf(years, groups);
    if (group === undefined) {
      const { from } = CLASS_SETS[groups][0]!;
      throw new DataError(
        `${store.folder}: ${path}: expected an age of the groups '${groups}', which begin at ${from}, found ${years}`,
      );
    }
    labels.set(index, [years, AL_RESNET_GENDERS.indexOf(gender), group]);
  }
  return labels;
}
