/** Files that are there whole or as they were. */
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { reasonOf } from '../reason.js';
import { LogError } from './log-error.js';

/**
 * Writes text under a temporary name and renames it.
 * @throws LogError where it cannot be written; what was there before still is.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new LogError(`'${path}' cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
