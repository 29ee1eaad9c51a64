/**
 * What `create_db.py` and `create_db_utkface.py` of https://github.com/yu4u/age-gender-estimation (until 2019) make of
 * IMDB-WIKI and UTKFace: a MATLAB file with `image` (uint8 [N, size, size, 3], blue first as OpenCV reads pictures),
 * `gender` and `age` (N each), `db` (`imdb`, `wiki` or `utk`), `img_size` and `min_score`. The rows are cleaned
 * already. Gender is what the set has: 0 is female in IMDB-WIKI, and male in UTKFace. Agewise writes such files too,
 * with `db` `agewise`.
 */
import type { MatArray } from '../formats/mat/array.js';
import type { MatFile } from '../formats/mat/file.js';
import { picturesOfPlanes } from '../formats/mat/planes.js';
import { DataError, type Gender, type Reading } from '../types.js';
import { checked } from './shared/checked.js';
import { withMatFile } from './shared/mat.js';
import { pixelSource, rowPath } from './shared/pixels.js';
import { badName } from './shared/rejection.js';

const GENDERS: Readonly<Record<string, readonly [Gender, Gender]>> = {
  imdb: ['female', 'male'],
  wiki: ['female', 'male'],
  utk: ['male', 'female'],
  agewise: ['female', 'male'],
};

/** Bytes of pictures read at once: more memory means fewer and longer reads. */
const BLOCK = 2 ** 26;

/** The source is the file. */
export const read = (source: string): AsyncIterable<Reading> =>
  checked(source, withMatFile(source, readRows));

async function* readRows(file: MatFile): AsyncIterable<Reading> {
  const image = await file.read('image');
  const [count, side] = image.dimensions as readonly [number, number];
  if (image.dimensions.length !== 4 || image.dimensions[2] !== side || image.dimensions[3] !== 3) {
    throw new DataError(`${image.where}: expected pictures N×size×size×3, found ${image.description}`);
  }
  const [ages, genders] = [await column(file, 'age', count), await column(file, 'gender', count)];
  const db = (await file.read('db')).text();
  const words = GENDERS[db];
  if (!words) {
    throw new DataError(`${file.path}: db: expected ${Object.keys(GENDERS).join(', ')}, found '${db}'`);
  }
  const atOnce = Math.max(1, Math.floor(BLOCK / (side * side * 3)));
  for (let start = 0; start < count; start += atOnce) {
    const pictures = readPictures(image, start, Math.min(atOnce, count - start));
    for (const [i, pixels] of pictures.entries()) {
      const row = start + i;
      const path = rowPath(row);
      const gender = words[genders[row]!];
      if (!gender) yield badName(path, `the gender must be 0 or 1, found ${genders[row]}`);
      else yield { path, image: pixelSource(pixels, side), age: { age: ages[row]! }, gender };
    }
  }
}

async function column(file: MatFile, name: string, length: number): Promise<Float64Array> {
  const array = await file.read(name);
  if (array.length === length) return array.numbers();
  throw new DataError(`${array.where}: expected ${length} numbers, found ${array.description}`);
}

/** Pictures `start..start + count`, each `[side, side, 3]`, red first. */
function readPictures(image: MatArray, start: number, count: number): Uint8Array[] {
  const [total, side] = image.dimensions as readonly [number, number];
  const each = side * side * 3;
  const planes = new Uint8Array(count * each);
  for (let plane = 0; plane < each; plane++) {
    image.copyBytes(start + total * plane, planes.subarray(plane * count, (plane + 1) * count));
  }
  const pictures = picturesOfPlanes(planes, count, side);
  return Array.from({ length: count }, (_, i) => pictures.subarray(i * each, (i + 1) * each));
}
