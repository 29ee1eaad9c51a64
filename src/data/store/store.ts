/** Reads a store. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../types.js';
import { storeRow } from './columns.js';
import { PARTS_FOLDER, readDuplicates, readInfo } from './files.js';
import { PartReader } from './part-reader.js';
import type { StoreInfo, StoreRow } from './types.js';

/**
 * Reads a store: its rows in order, or pictures at random.
 *
 * @example
 * const store = await Store.open('faces.store');
 * for await (const { path, age } of store.rows()) console.log(path, age); // 10/0.png { age: 10 }
 * await store.close();
 */
export class Store {
  private constructor(
    readonly folder: string,
    readonly info: StoreInfo,
    private readonly parts: readonly PartReader[],
    /** The number of each part's first row. */
    private readonly starts: readonly number[],
  ) {}

  /**
   * Opens a store. Picture positions are read now, 12 bytes per row, so that random access takes a single system call.
   * From Parquet files of other programs, pictures are read in whole row groups.
   *
   * @throws DataError if the folder is not a store, one of another version, or one that lacks rows
   */
  static async open(folder: string): Promise<Store> {
    const info = await readInfo(folder);
    const parts: PartReader[] = [];
    try {
      for (const path of await partPaths(folder)) parts.push(await PartReader.open(path));
      const starts: number[] = [];
      let rows = 0;
      for (const part of parts) {
        starts.push(rows);
        rows += part.length;
      }
      if (rows !== info.rows) {
        throw new DataError(`${folder}: expected ${info.rows} rows, as dataset.json says, found ${rows}`);
      }
      return new Store(folder, info, parts, starts);
    } catch (error) {
      await Promise.all(parts.map((part) => part.close()));
      throw error;
    }
  }

  /** The number of rows. */
  get length(): number {
    return this.info.rows;
  }

  /**
   * The labels, in order, without reading pictures.
   * @param first the index of the first row; what lies before it is not read
   */
  async *rows(first = 0): AsyncGenerator<StoreRow> {
    for (const [p, part] of this.parts.entries()) {
      const start = this.starts[p]!;
      if (start + part.length <= first) continue;
      let index = Math.max(start, first);
      for await (const row of part.rows(index - start)) yield storeRow(index++, row);
    }
  }

  /**
   * A copy of one row's encoded picture.
   * @throws RangeError for a row that does not exist
   */
  async image(index: number): Promise<Uint8Array> {
    if (!(Number.isInteger(index) && index >= 0 && index < this.length)) {
      throw new RangeError(`row: expected 0 to ${this.length - 1}, found ${index}`);
    }
    let part = this.starts.length - 1;
    while (this.starts[part]! > index) part--;
    return this.parts[part]!.image(index - this.starts[part]!);
  }

  /**
   * Groups of near-duplicate rows, each ascending.
   * @throws DataError if the file that lists them is damaged, or names a row that does not exist
   */
  async duplicates(): Promise<readonly (readonly number[])[]> {
    const { groups } = await readDuplicates(this.folder);
    const outside = groups.flat().find((row) => row >= this.length);
    if (outside === undefined) return groups;
    throw new DataError(
      `${this.folder}: near-duplicates must be among rows 0 to ${this.length - 1}, found row ${outside}`,
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.close()));
  }
}

async function partPaths(folder: string): Promise<string[]> {
  const parts = join(folder, PARTS_FOLDER);
  const names = await readdir(parts).catch(() => {
    throw new DataError(`${folder}: expected a folder '${PARTS_FOLDER}' of Parquet files, found none`);
  });
  return names
    .filter((name) => name.endsWith('.parquet'))
    .sort()
    .map((name) => join(parts, name));
}
