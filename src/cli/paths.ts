/** Which file or folder a path leads to through links, and how a folder is made. */

import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { exists, FileError, makeFolders, reasonOf } from '../files/index.js';

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
 * Makes a folder and any missing parents.
 * @throws FileError with the reason in a few words, such as `a file is in the way`; of kind `failed` if the disk refuses it
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const kind = WRONG_PATHS.includes(code) ? 'usage' : 'failed';
    throw new FileError(await obstacle(error as NodeJS.ErrnoException), { kind, cause: error });
  }
}

/** Makes the folder that an option names. @throws FileError that names the option */
export async function makeNamedFolder(option: string, folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    const { message, kind } = error as FileError;
    throw new FileError(`${option}: expected a folder '${folder}', ${message}`, { kind, cause: error });
  }
}

/** Codes of errors of the path itself: another path would do. Others are of the disk. */
const WRONG_PATHS: readonly string[] = ['EEXIST', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

async function obstacle(error: NodeJS.ErrnoException): Promise<string> {
  const { code, path = '' } = error;
  if (code === 'ENOTDIR') return 'a file is in the way';
  if (code !== 'EEXIST') return `it cannot be created: ${reasonOf(error)}`;
  return (await exists(path)) ? 'a file is in the way' : 'a link that leads nowhere is in the way';
}
