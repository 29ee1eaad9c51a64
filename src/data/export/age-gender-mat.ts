/**
 * A store as the MATLAB file that https://github.com/yu4u/age-gender-estimation trains from (until 2019): `image`
 * uint8 `[N, size, size, 3]`, blue first, `gender` (0 female, 1 male) and `age` in rows of N, `db`, `img_size`,
 * `min_score`.
 *
 * Source of the format: The MathWorks, "MAT-File Format", chapter 1, "Level 5 MAT-File Format".
 */
import { writeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { planesOfPictures } from '../formats/mat/planes.js';
import type { Store, StoreRow } from '../store/index.js';
import { DataError } from '../types.js';
import type { ExportOptions } from './options.js';
import { type PictureBatch, pictureBatches } from './pictures.js';
import { writeExport } from './write-export.js';

export interface MatExport {
  /** How many rows the file has. */
  readonly rows: number;
  /** Rows left out, because they lack an age in years or a gender. */
  readonly leftOut: number;
  /** Rows with ages above 100, which are 100 in the file. */
  readonly capped: number;
}

/** Bytes of pictures in memory at once: more memory means fewer and longer writes. */
const BATCH = 2 ** 26;

/** MATLAB's limit for one variable of such a file. */
const MOST_BYTES = 2 ** 31 - 1;

/** The network has a class for each age from 0 to 100. */
const OLDEST_CLASS = 100;

const GENDERS = { female: 0, male: 1 } as const;

/** Numbers of classes and types of the format. */
const CLASS = { char: 4, double: 6, uint8: 9 } as const;
const TYPE = { int8: 1, uint8: 2, int32: 5, uint32: 6, double: 9, matrix: 14, utf8: 16 } as const;

/**
 * Writes the rows that have an age in years and a gender, in order; ages are rounded and limited to 100.
 * @throws DataError if the file is there already, the disk does not take it, no row is left, or the pictures
 *   take more than the format holds.
 */
export async function exportAgeGenderMat(
  store: Store,
  path: string,
  options: ExportOptions,
): Promise<MatExport> {
  const { size, overwrite = false } = options;
  const { ages, genders, capped } = await labelsOf(store);
  const rows = ages.length;
  const bytes = rows * size * size * 3;
  if (rows === 0) throw new DataError(`${store.folder}: expected rows with age and gender, found none`);
  if (bytes > MOST_BYTES) {
    throw new DataError(
      `${store.folder}: expected at most ${MOST_BYTES} bytes of pictures, as many as a MATLAB 5 file holds in a variable, found ${bytes}`,
    );
  }
  await writeExport(path, overwrite, async (partial) => {
    const file = await open(partial, 'wx');
    try {
      const end = await writePictures(file, store, rows, options);
      const labels = [
        array('gender', CLASS.uint8, [1, rows], element(TYPE.uint8, Buffer.from(genders))),
        array('age', CLASS.uint8, [1, rows], element(TYPE.uint8, Buffer.from(ages))),
        array('db', CLASS.char, [1, DB.length], element(TYPE.utf8, Buffer.from(DB))),
        scalar('img_size', size),
        scalar('min_score', Number.NaN),
      ];
      writeAt(file, Buffer.concat(labels), end);
    } finally {
      await file.close();
    }
  });
  return { rows, leftOut: store.length - rows, capped };
}

/** Tells readers the coding of gender. */
const DB = 'agewise';

const isComplete = ({ age, gender }: StoreRow) => age !== undefined && 'age' in age && gender !== undefined;

async function labelsOf(store: Store) {
  let capped = 0;
  const ages: number[] = [];
  const genders: number[] = [];
  for await (const row of store.rows()) {
    if (!isComplete(row) || !row.age || !('age' in row.age)) continue;
    const age = Math.round(row.age.age);
    if (age > OLDEST_CLASS) capped++;
    ages.push(Math.min(OLDEST_CLASS, age));
    genders.push(GENDERS[row.gender!]);
  }
  return { ages, genders, capped };
}

/** Writes the header and the pictures, and returns the end position. */
async function writePictures(
  file: FileHandle,
  store: Store,
  rows: number,
  { size, signal, onProgress }: ExportOptions,
): Promise<number> {
  const bytes = rows * size * size * 3;
  const head = Buffer.concat([header(), arrayHead('image', CLASS.uint8, [rows, size, size, 3], bytes)]);
  const end = head.length + padded(bytes);
  await file.truncate(end);
  writeAt(file, head, 0);
  const length = Math.max(1, Math.floor(BATCH / (size * size * 3)));
  let done = 0;
  for await (const batch of pictureBatches(store, { size, length, accepts: isComplete, signal })) {
    writePlanes(file, batch, { offset: head.length + done, rows, size });
    done += batch.rows.length;
    onProgress?.(done, rows);
  }
  return end;
}

/** Synchronous: there are many short writes, and awaiting each would take longer than writing it. */
function writePlanes(
  file: FileHandle,
  { rows: { length }, pixels }: PictureBatch,
  { offset, rows, size }: { offset: number; rows: number; size: number },
): void {
  const planes = planesOfPictures(pixels, length, size);
  for (let plane = 0; plane < size * size * 3; plane++) {
    writeAt(file, planes.subarray(plane * length, (plane + 1) * length), offset + rows * plane);
  }
}

function writeAt(file: FileHandle, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(file.fd, bytes, at, bytes.length - at, position + at);
  }
}

/** Section "MAT-File Header Format". */
function header(): Buffer {
  const bytes = Buffer.alloc(128, ' ');
  bytes.write('MATLAB 5.0 MAT-file, Created by: Agewise', 'latin1');
  bytes.fill(0, 116, 124);
  bytes.writeUInt16LE(0x0100, 124);
  bytes.write('IM', 126, 'latin1');
  return bytes;
}

const padded = (length: number): number => Math.ceil(length / 8) * 8;

/** Section "Data Element Format". */
function tag(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(type, 0);
  bytes.writeUInt32LE(length, 4);
  return bytes;
}

const element = (type: number, data: Buffer): Buffer =>
  Buffer.concat([tag(type, data.length), data, Buffer.alloc(padded(data.length) - data.length)]);

/** Section "Numeric Array and Character Array Data Element Formats". */
function array(name: string, number: number, dimensions: readonly number[], data: Buffer): Buffer {
  const body = Buffer.concat([subelements(name, number, dimensions), data]);
  return Buffer.concat([tag(TYPE.matrix, body.length), body]);
}

/** The bytes before the data of a byte array. */
function arrayHead(name: string, number: number, dimensions: readonly number[], bytes: number): Buffer {
  const before = subelements(name, number, dimensions);
  return Buffer.concat([tag(TYPE.matrix, before.length + 8 + padded(bytes)), before, tag(TYPE.uint8, bytes)]);
}

function subelements(name: string, number: number, dimensions: readonly number[]): Buffer {
  const flags = Buffer.alloc(8);
  flags.writeUInt32LE(number, 0);
  const sizes = Buffer.alloc(4 * dimensions.length);
  for (const [i, dimension] of dimensions.entries()) sizes.writeInt32LE(dimension, 4 * i);
  return Buffer.concat([
    element(TYPE.uint32, flags),
    element(TYPE.int32, sizes),
    element(TYPE.int8, Buffer.from(name)),
  ]);
}

function scalar(name: string, value: number): Buffer {
  const data = Buffer.alloc(8);
  data.writeDoubleLE(value);
  return array(name, CLASS.double, [1, 1], element(TYPE.double, data));
}
