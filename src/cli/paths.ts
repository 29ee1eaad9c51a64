/** Which file or folder a path leads to through links, and how a folder is made. */

import { mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { FileError, isMissing, reasonOf } from '../files/index.js';

/** The path without symbolic links. If nothing is there yet: that of its nearest existing ancestor, then the rest. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? resolve(path) : join(await realPath(parent), basename(path));
  }
}

/**
 * Keys that identify a file: two paths share a key if they lead to the same file, through symbolic links,
 * hard links, or different letter case on a file system that ignores case.
 */
export async function fileKeys(path: string): Promise<string[]> {
  const [real, stats] = await Promise.all([
    realPath(path),
    stat(path, { bigint: true }).catch(() => undefined),
  ]);
  return stats === undefined ? [real] : [real, `${stats.dev}:${stats.ino}`];
}

/**
 * Makes a folder and any missing parents. Node's `recursive` is not used: when the system reports that the
 * parent of a new folder is missing although it exists, as it does in `/proc`, it never returns (Node 20).
 *
 * @throws FileError with the reason in a few words, such as `a file is in the way`
 */
export async function makeFolder(folder: string): Promise<void> {
  for (const missing of await missingFolders(resolve(folder))) {
    try {
      await mkdir(missing);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!(await isFolder(missing).catch(() => false))) throw cannotBeMade(error as NodeJS.ErrnoException);
    }
  }
}

/** From the outermost inwards. */
async function missingFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let path = folder; !(await isFolder(path)); path = dirname(path)) missing.unshift(path);
  return missing;
}

/** False if nothing is there. */
async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    // Anything in the way above it is found on the way up.
    if (isMissing(error) && path !== dirname(path)) return false;
    throw cannotBeMade(error as NodeJS.ErrnoException);
  }
  throw new FileError('a file is in the way');
}

function cannotBeMade(error: NodeJS.ErrnoException): FileError {
  if (error.code === 'EEXIST')
    return new FileError('a link that leads nowhere is in the way', { cause: error });
  return new FileError(`it cannot be created: ${reasonOf(error)}`, { cause: error });
}
