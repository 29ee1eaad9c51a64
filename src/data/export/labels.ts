/** A store's labels as one CSV file. */
import { type FileHandle, open } from 'node:fs/promises';
import type { Store } from '../store/index.js';
import { tableHead, tableRow } from './label-table.js';
import type { ExportOptions } from './options.js';
import { writeExport } from './write-export.js';

/** Rows in one write. */
const BATCH = 1000;

/**
 * Writes a row for each row of the store, in its order, under a header; what is unknown is empty. Paths are those of
 * the data set: next to its pictures, the file can be imported again.
 * @throws DataError if the file is there already, or the disk does not take it
 */
export async function exportLabels(
  store: Store,
  path: string,
  { overwrite = false, signal, onProgress }: Omit<ExportOptions, 'size'> = {},
): Promise<void> {
  await writeExport(path, overwrite, async (partial) => {
    const file = await open(partial, 'wx');
    try {
      await writeRows(file);
    } finally {
      await file.close();
    }
  });

  async function writeRows(file: FileHandle): Promise<void> {
    let text = tableHead();
    for await (const row of store.rows()) {
      signal?.throwIfAborted();
      text += tableRow(row, row.path);
      if ((row.index + 1) % BATCH > 0) continue;
      await file.writeFile(text);
      text = '';
      onProgress?.(row.index + 1, store.length);
    }
    await file.writeFile(text);
  }
}
