/**
 * What the notebooks of AL-ResNet (Deep Age) make of UTKFace: `23708_many.h5` with `images` (uint8 [N, 256, 256, 3],
 * red first) and `meta` (uint8 [N, 2]: age, and 0 for male or 1 for female), and `train_test_data.h5` with
 * `train_images`, `train_meta`, `test_images`, `test_meta`, whose `meta` have the age group, from 1 to 14, as a third
 * column, or from 1 to 8. The groups follow from the ages; others are refused.
 *
 * Sources: `store_many_hdf5` in Deep_Age_prediction_Read_files.ipynb and in Deep_Age_Classifiers_data_split.ipynb.
 */
import { AL_RESNET_GENDERS, GROUP_SETS, groupOf } from '../formats/al-resnet-groups.js';
import { Hdf5File, type Hdf5Rows } from '../formats/hdf5.js';
import { DataError, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { known } from './shared/labels.js';
import { pixelSource, rowPath } from './shared/pixels.js';
import { badName } from './shared/rejection.js';

const PARTS = [
  { prefix: '' },
  { prefix: 'train_', split: 'train' },
  { prefix: 'test_', split: 'test' },
] as const;

/** Bytes of pictures that are read at once. */
const BLOCK = 2 ** 24;

/** The source is the file. */
export async function* read(source: string): AsyncIterable<Reading> {
  const file = await Hdf5File.open(source);
  try {
    yield* checked(source, readParts(file));
  } finally {
    file.close();
  }
}

function* readParts(file: Hdf5File): Iterable<Reading> {
  const parts = PARTS.filter(({ prefix }) => file.names.includes(`${prefix}images`));
  if (parts.length === 0) {
    const found = file.names.join(', ') || 'nothing';
    throw new DataError(`${file.path}: expected the datasets images and meta, found ${found}`);
  }
  for (const part of parts) yield* readPart(file, part);
}

function* readPart(file: Hdf5File, { prefix, split }: { prefix: string; split?: string }): Iterable<Reading> {
  const [images, meta] = [file.rows(`${prefix}images`), file.rows(`${prefix}meta`)];
  const { count, side, columns } = sizes(file.path, prefix, images, meta);
  const each = side * side * 3;
  const labels = meta.read(0, count);
  if (columns > 2) checkGroups(`${file.path}: ${prefix}meta`, labels, columns);
  const atOnce = Math.max(1, Math.floor(BLOCK / each));
  for (let start = 0; start < count; start += atOnce) {
    const block = images.read(start, Math.min(start + atOnce, count));
    for (let row = start; row < start + block.length / each; row++) {
      const path = `${prefix && `${split}/`}${rowPath(row)}`;
      const [age, gender] = [labels[row * columns]!, labels[row * columns + 1]!];
      const pixels = block.subarray((row - start) * each, (row - start + 1) * each);
      if (gender > 1) yield badName(path, `the gender must be 0 or 1, found ${gender}`);
      else {
        const image = pixelSource(pixels, side);
        yield { path, image, age: { age }, gender: AL_RESNET_GENDERS[gender]!, ...known({ split }) };
      }
    }
  }
}

/** @throws DataError for the first row whose group is that of its age neither of 14 groups nor of 8. */
function checkGroups(where: string, labels: Uint8Array, columns: number): void {
  let sets = [...GROUP_SETS];
  for (let row = 0; row * columns < labels.length; row++) {
    const [age, group] = [labels[row * columns]!, labels[row * columns + 2]!];
    const agreeing = sets.filter((set) => groupOf(age, set) === group);
    if (agreeing.length > 0) {
      sets = agreeing;
      continue;
    }
    const expected = sets.map((set) => `${groupOf(age, set) ?? 'none'} of ${set}`).join(' or ');
    throw new DataError(
      `${where}: expected the group of age ${age} in row ${row}, ${expected}, found ${group}`,
    );
  }
}

function sizes(path: string, prefix: string, images: Hdf5Rows, meta: Hdf5Rows) {
  const [count, side, width, channels] = images.shape as readonly [number, number, number, number];
  if (images.shape.length !== 4 || width !== side || channels !== 3) {
    throw new DataError(
      `${path}: ${prefix}images: expected pictures N×size×size×3, found ${images.shape.join('×')}`,
    );
  }
  const [rows, columns] = meta.shape as readonly [number, number];
  if (meta.shape.length !== 2 || rows !== count || columns < 2) {
    throw new DataError(
      `${path}: ${prefix}meta: expected ${count} rows of age and gender, found ${meta.shape.join('×')}`,
    );
  }
  return { count, side, columns };
}
