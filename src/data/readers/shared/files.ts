/** Files of a data set as it was unpacked. Names are given with forward slashes and in code unit order. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isNotUtf8 } from '../../../files/index.js';
import { READ_ENDINGS, UNREAD_ENDINGS } from '../../../vision/node.js';
import { DataError } from '../../types.js';

/** Whether a file's name is a picture's; the content is checked when it is decoded. */
export const isPicture = (file: string): boolean => PICTURE.test(file);

const PICTURE = new RegExp(`\\.(${[...READ_ENDINGS, ...UNREAD_ENDINGS].join('|')})$`, 'i');

/** Files that file managers and archivers leave behind. */
const LITTER = /^(\.|__MACOSX$)/;

/** @throws DataError if `folder` is not a folder. */
export async function expectFolder(folder: string, of: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  const what = found ? 'a file (unpack archives first)' : 'nothing there';
  throw new DataError(`${folder}: expected the folder of ${of}, found ${what}`);
}

/** Every picture below `folder`, as paths relative to it. */
export async function picturesBelow(folder: string): Promise<string[]> {
  const files = await filesBelow(folder, Number.POSITIVE_INFINITY);
  return files.filter(isPicture);
}

/**
 * Every file at most `depth` folders below `folder`, as paths relative to it.
 * @param above real paths of the folders above: a link to one of them would never end
 */
export async function filesBelow(
  folder: string,
  depth: number,
  above: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const here = await realpath(folder);
  if (above.has(here)) return [];
  const path = new Set([...above, here]);
  const files: string[] = [];
  for (const entry of await tidyEntries(folder)) {
    if (!entry.isFolder) files.push(entry.name);
    else if (depth > 0)
      for (const file of await filesBelow(join(folder, entry.name), depth - 1, path))
        files.push(`${entry.name}/${file}`);
  }
  return files.sort();
}

/** Every folder at most `depth` folders below `folder`, as paths relative to it; `''` is `folder` itself. */
export async function foldersBelow(folder: string, depth: number): Promise<string[]> {
  const folders = [''];
  if (depth > 0)
    for (const { name, isFolder } of await tidyEntries(folder))
      if (isFolder)
        for (const below of await foldersBelow(join(folder, name), depth - 1))
          folders.push(below === '' ? name : `${name}/${below}`);
  return folders.sort();
}

/** The entries of a folder that belong to the set; links are followed. */
async function tidyEntries(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const tidy: { name: string; isFolder: boolean }[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (LITTER.test(entry.name)) continue;
    // A folder whose name is not UTF-8 cannot be opened.
    const isFolder =
      entry.isSymbolicLink() || isNotUtf8(entry.name)
        ? await isFolderAt(join(folder, entry.name))
        : entry.isDirectory();
    tidy.push({ name: entry.name, isFolder });
  }
  return tidy;
}

async function isFolderAt(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
