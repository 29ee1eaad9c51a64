/** The pictures of a store made by `agewise data import`, or of a stretch of its rows. */
import { join } from 'node:path';
import { exists } from '../files/index.js';
import type { BulkPicture } from './picture.js';

/** The file by which a store is recognised. */
const STORE_FILE = 'dataset.json';

export const isStore = (folder: string): Promise<boolean> => exists(join(folder, STORE_FILE));

export interface OpenedStore {
  /** The number of rows. */
  readonly length: number;
  /** A hash of its content. */
  readonly fingerprint: string;
  /** The pictures of the rows from `first` to before `end`, named as in their data set. */
  pictures(first?: number, end?: number): AsyncGenerator<BulkPicture, void, undefined>;
  close(): Promise<void>;
}

/** @throws DataError if the folder is not a store or is damaged */
export async function openStore(folder: string): Promise<OpenedStore> {
  const { Store } = await import('../data/index.js');
  const store = await Store.open(folder);
  return {
    length: store.length,
    fingerprint: store.info.fingerprint,
    async *pictures(first = 0, end = store.length) {
      for await (const { index, path } of store.rows(first)) {
        if (index >= end) return;
        yield { index, file: path, picture: () => store.image(index) };
      }
    },
    close: () => store.close(),
  };
}
