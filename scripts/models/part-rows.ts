/** The rows of a part of a split that several stores have. */
import { join } from 'node:path';
import { readSplit, type StoreUnion } from '../../src/data/index.js';

/**
 * @returns their numbers over all stores
 * @throws Error if a store's split has no such part.
 */
export async function rowsOfPart(stores: StoreUnion, split: string, part: string): Promise<Uint32Array> {
  const rows: number[] = [];
  for (const [i, store] of stores.stores.entries()) {
    const { parts } = await readSplit(join(store.folder, `${split}.split.json`), store);
    const found = parts.get(part);
    if (found === undefined) {
      throw new Error(
        `${store.folder}: expected a part '${part}' of split '${split}', found ${[...parts.keys()].join(', ')}`,
      );
    }
    for (const row of found) rows.push(stores.starts[i]! + row);
  }
  return Uint32Array.from(rows);
}
