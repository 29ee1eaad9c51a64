/** Which file or folder a path leads to, whatever links are on the way, and how a folder is made. */

import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isMissing } from '../files/index.js';

/** The path without symbolic links. Of one that leads nowhere yet: its nearest existing ancestor's, and the rest. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? resolve(path) : join(await realPath(parent), basename(path));
  }
}

/**
 * What tells a file from others: paths have a key in common where they lead to the same file, by symbolic links,
 * hard links, or in another case where the file system knows none.
 */
export async function fileKeys(path: string): Promise<string[]> {
  const [real, stats] = await Promise.all([
    realPath(path),
    stat(path, { bigint: true }).catch(() => undefined),
  ]);
  return stats === undefined ? [real] : [real, `${stats.dev}:${stats.ino}`];
}

/**
 * Makes a folder and those above it that are missing. Node's `recursive` is not used: where the system says
 * that the parent of a new folder is missing although it exists, as it does in `/proc`, that never returns
 * (Node 20).
 *
 * @throws Error saying why not in a few words, such as `a file is in the way`
 */
export async function makeFolder(folder: string): Promise<void> {
  for (const missing of await missingFolders(resolve(folder))) {
    try {
      await mkdir(missing);
    } catch (error) {
      // Somebody else may have made it meanwhile.
      if (!(await isFolder(missing).catch(() => false))) throw cannotBeMade(error as NodeJS.ErrnoException);
    }
  }
}

/** From the outermost one. */
async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let path = folder; !(await isFolder(path)); path = dirname(path)) missing.unshift(path);
  return missing;
}

/** False where nothing is there. */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    // Whatever stands above it in the way is met on the way up.
    if (isMissing(error) && path !== dirname(path)) return false;
    throw cannotBeMade(error as NodeJS.ErrnoException);
  }
  throw new Error('a file is in the way');
}

function cannotBeMade(error: NodeJS.ErrnoException): Error {
  if (error.code === 'EEXIST') return new Error('a link that leads nowhere is in the way', { cause: error });
  return new Error(`it cannot be made (${error.code ?? error.message})`, { cause: error });
}
