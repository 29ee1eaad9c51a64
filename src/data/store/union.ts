/** Several stores as one: their rows one after another. */
import { Store } from './store.js';
import type { StoreInfo, StoreRow } from './types.js';

/** A source of rows: a `Store`, or several as one. */
export interface RowSource {
  readonly folder: string;
  readonly length: number;
  rows(): AsyncIterable<StoreRow>;
  image(index: number): Promise<Uint8Array>;
}

export class StoreUnion implements RowSource {
  readonly length: number;
  /** The number of each store's first row. */
  readonly starts: readonly number[];

  private constructor(readonly stores: readonly Store[]) {
    const starts: number[] = [];
    let rows = 0;
    for (const store of stores) {
      starts.push(rows);
      rows += store.length;
    }
    this.starts = starts;
    this.length = rows;
  }

  /**
   * Opens each folder; if one fails, those opened before are closed.
   * @throws DataError as `Store.open`
   */
  static async open(folders: readonly string[]): Promise<StoreUnion> {
    const stores: Store[] = [];
    try {
      for (const folder of folders) stores.push(await Store.open(folder));
      return new StoreUnion(stores);
    } catch (error) {
      await Promise.all(stores.map((store) => store.close()));
      throw error;
    }
  }

  /** The folders, for messages. */
  get folder(): string {
    return this.folders.join(' + ');
  }

  get folders(): string[] {
    return this.stores.map(({ folder }) => folder);
  }

  get infos(): StoreInfo[] {
    return this.stores.map(({ info }) => info);
  }

  /** The index of a row's store. */
  storeOf(row: number): number {
    let store = this.starts.length - 1;
    while (this.starts[store]! > row) store--;
    return store;
  }

  /** The labels, in order; the index runs over all stores. */
  async *rows(): AsyncGenerator<StoreRow> {
    for (const [i, store] of this.stores.entries()) {
      const start = this.starts[i]!;
      for await (const row of store.rows()) yield start === 0 ? row : { ...row, index: start + row.index };
    }
  }

  /**
   * A copy of one row's encoded picture.
   * @throws RangeError for a row that does not exist
   */
  async image(index: number): Promise<Uint8Array> {
    const store = this.storeOf(index);
    return this.stores[store]!.image(index - this.starts[store]!);
  }

  async close(): Promise<void> {
    await Promise.all(this.stores.map((store) => store.close()));
  }
}
