/** A store as one HDF5 file, for Keras and other programs that read arrays from it. */
import type { File } from 'h5wasm/node';
import type { Store, StoreRow } from '../store/index.js';
import { DataError } from '../types.js';
import { attempt, Column, type Content, writeHdf5 } from './hdf5-file.js';
import type { ExportOptions } from './options.js';
import { type PictureBatch, pictureBatches } from './pictures.js';

/** Bytes of pictures that are in memory at once. */
const BATCH = 2 ** 24;

/** Rows of labels in one chunk: some tens of kilobytes. */
const LABEL_CHUNK = 4096;

/** What `gender` holds. */
const GENDER = { female: 0, male: 1, unknown: -1 } as const;

type Facts = (row: StoreRow, size: { readonly width: number; readonly height: number }) => readonly number[];

/** The numeric columns: a row's value in each, NaN if unknown. */
const NUMBERS: Readonly<
  Record<string, { type: '<f' | '<b'; width: number; facts: (side: number) => Facts }>
> = {
  age: one((row) => (row.age && 'age' in row.age ? row.age.age : Number.NaN)),
  age_min: one((row) => (row.age && 'from' in row.age ? row.age.from : Number.NaN)),
  age_max: one((row) => (row.age && 'from' in row.age ? row.age.to : Number.NaN)),
  age_std: one((row) => (row.age && 'age' in row.age ? (row.age.std ?? Number.NaN) : Number.NaN)),
  gender: { type: '<b', width: 1, facts: () => (row) => [GENDER[row.gender ?? 'unknown']] },
  face_box: {
    type: '<f',
    width: 4,
    facts: (side) => (row, size) => {
      if (!row.faceBox) return NO_BOX;
      const { x, y, width, height } = row.faceBox;
      const [across, down] = [side / size.width, side / size.height];
      return [x * across, y * down, width * across, height * down];
    },
  },
};

const NO_BOX = [Number.NaN, Number.NaN, Number.NaN, Number.NaN];

function one(value: (row: StoreRow) => number) {
  return { type: '<f', width: 1, facts: () => (row: StoreRow) => [value(row)] } as const;
}

/** The text columns, in UTF-8, empty if unknown. */
const TEXTS: Readonly<Record<string, (row: StoreRow) => string>> = {
  path: (row) => row.path,
  source: (row) => row.source,
  race: (row) => row.race ?? '',
  identity: (row) => row.identity ?? '',
  split: (row) => row.split ?? '',
};

/**
 * Writes a store's rows, in order, as the datasets
 * - `images` uint8 `[N, size, size, 3]`, red first, one picture a chunk;
 * - `age`, `age_min`, `age_max`, `age_std` float32 `[N]` in years, NaN if unknown;
 * - `gender` int8 `[N]`: 0 female, 1 male, −1 unknown;
 * - `face_box` float32 `[N, 4]`: x, y, width, height in pixels of the exported picture, NaN if unknown;
 * - `path`, `source`, `race`, `identity`, `split`: text `[N]`, empty if unknown.
 *
 * Pictures pass through in batches, so that memory does not grow with the store.
 * @throws DataError if the file is there already, or the disk does not take it; ImageError for a picture that
 *   cannot be decoded.
 */
export async function exportHdf5(store: Store, path: string, options: ExportOptions): Promise<void> {
  if (store.length === 0) throw new DataError(`${store.folder}: expected rows to export, found none`);
  const widths = await textWidths(store);
  await writeHdf5(path, options.overwrite ?? false, async (file) => {
    attempt(path, () => describe(file, store));
    await writeRows(file, { store, path, widths, options });
  });
}

function describe(file: File, { info }: Store): void {
  const { id, title, homepage, citation, terms, labels, fingerprint } = info;
  const facts = { id, title, homepage, citation, terms, labels, fingerprint };
  for (const [name, value] of Object.entries(facts)) file.create_attribute(name, value);
}

/** Bytes of the longest text in each column. */
async function textWidths(store: Store): Promise<Map<string, number>> {
  const widths = new Map(Object.keys(TEXTS).map((name) => [name, 1]));
  for await (const row of store.rows()) {
    for (const [name, text] of Object.entries(TEXTS)) {
      const width = Buffer.byteLength(text(row));
      if (width > widths.get(name)!) widths.set(name, width);
    }
  }
  return widths;
}

async function writeRows(
  file: File,
  {
    store,
    path,
    widths,
    options,
  }: { store: Store; path: string; widths: ReadonlyMap<string, number>; options: ExportOptions },
): Promise<void> {
  const { size, signal, onProgress } = options;
  const length = Math.max(1, Math.floor(BATCH / (size * size * 3)));
  const columns = new Map<string, Column>();
  let done = 0;
  for await (const batch of pictureBatches(store, { size, length, signal })) {
    attempt(path, () => {
      for (const [name, data] of contentsOf(batch, size, widths)) {
        const column = columns.get(name) ?? new Column(file, name, store.length, data);
        columns.set(name, column);
        column.write(done, batch.rows.length, data);
      }
    });
    done += batch.rows.length;
    onProgress?.(done, store.length);
  }
}

function* contentsOf(
  { rows, pixels, sizes }: PictureBatch,
  side: number,
  widths: ReadonlyMap<string, number>,
): Iterable<[string, Content]> {
  yield ['images', { values: pixels, type: '<B', shape: [side, side, 3], chunk: 1 }];
  for (const [name, { type, width, facts }] of Object.entries(NUMBERS)) {
    const of = facts(side);
    const numbers = rows.flatMap((row, i) => of(row, sizes[i]!));
    const values = type === '<f' ? Float32Array.from(numbers) : Int8Array.from(numbers);
    yield [name, { values, type, shape: width === 1 ? [] : [width], chunk: LABEL_CHUNK }];
  }
  for (const [name, text] of Object.entries(TEXTS)) {
    yield [name, { values: rows.map(text), type: `S${widths.get(name)}`, shape: [], chunk: LABEL_CHUNK }];
  }
}
