/** A store as a folder of picture files and a CSV file of their labels, for programs that do not read Parquet. */
import { open, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolders, PartialFolder } from '../../files/index.js';
import { imageHeader } from '../../vision/node.js';
import type { Store, StoreRow } from '../store/index.js';
import { tableHead, tableRow } from './label-table.js';
import type { ExportOptions } from './options.js';
import { inASentence, mustBeNew } from './write-export.js';

const LABELS_FILE = 'labels.csv';
const PICTURES_FOLDER = 'images';
/** Pictures in one folder: file managers and some file systems are slow with more. */
const FOLDER_SIZE = 1000;
/** Pictures that are written side by side. */
const AT_ONCE = 64;

/**
 * Writes `images/0000/0000000.jpg` and so on, named by row, with the stored bytes, and `labels.csv`, which lists them
 * and can be imported again as a CSV file.
 * @throws DataError if something of that name is there already, or the disk does not take it
 */
export async function exportPictures(
  store: Store,
  folder: string,
  { signal, onProgress }: Pick<ExportOptions, 'signal' | 'onProgress'> = {},
): Promise<void> {
  await mustBeNew(folder);
  const partial = await PartialFolder.create(folder).catch((error) => {
    throw inASentence(error, folder);
  });
  try {
    const labels = await open(join(partial.path, LABELS_FILE), 'wx');
    try {
      await labels.writeFile(tableHead());
      for await (const rows of batches(store)) {
        signal?.throwIfAborted();
        const paths = await Promise.all(rows.map((row) => writePicture(store, row, partial.path)));
        await labels.writeFile(rows.map((row, i) => tableRow(row, paths[i]!)).join(''));
        onProgress?.(rows.at(-1)!.index + 1, store.length);
      }
      await labels.sync();
    } finally {
      await labels.close();
    }
    await partial.commit();
  } catch (error) {
    await partial.discard();
    throw inASentence(error, folder);
  }
}

async function* batches(store: Store): AsyncGenerator<StoreRow[]> {
  let rows: StoreRow[] = [];
  for await (const row of store.rows()) {
    rows.push(row);
    if (rows.length < AT_ONCE) continue;
    yield rows;
    rows = [];
  }
  if (rows.length > 0) yield rows;
}

/** The name is the row's number: a path from a data set may be unsafe, and two sets may have the same. */
async function writePicture(store: Store, { index }: StoreRow, folder: string): Promise<string> {
  const picture = await store.image(index);
  const part = String(Math.floor(index / FOLDER_SIZE)).padStart(4, '0');
  const name = String(index).padStart(7, '0');
  const path = `${PICTURES_FOLDER}/${part}/${name}.${await extensionOf(picture)}`;
  const file = join(folder, path);
  await makeFolders(dirname(file));
  await writeFile(file, picture);
  return path;
}

/** By content: a re-encoded picture may differ from its name in the data set. */
async function extensionOf(picture: Uint8Array): Promise<string> {
  const { format } = await imageHeader(picture).catch(() => ({ format: 'bin' }));
  if (format === 'jpeg') return 'jpg';
  return format === 'heif' ? 'avif' : format;
}
