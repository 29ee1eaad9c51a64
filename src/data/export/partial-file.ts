/** A file that is written under another name, and gets its own when it is whole. */
import { existsSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { DataError } from '../types.js';

/**
 * Calls `write` with the name to write to, and renames what it wrote; what an earlier process left under that name is
 * removed first. Nothing is left of it where `write` fails.
 * @throws DataError where there is a file of the name already, and it is not to be replaced, or the system refuses to
 *   write it.
 */
export async function writePartial<T>(
  path: string,
  overwrite: boolean,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  if (!overwrite && existsSync(path)) {
    throw new DataError(`${path}: expected a new name, found something there already`);
  }
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  try {
    const result = await write(partial);
    const file = await open(partial, 'r+');
    await file.sync().finally(() => file.close());
    await rename(partial, path);
    return result;
  } catch (error) {
    await rm(partial, { force: true });
    throw inASentence(error, path);
  }
}

/** What the system says, such as that the disk is full, with the name of what could not be written. */
export function inASentence(error: unknown, path: string): unknown {
  const { syscall, message } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return new DataError(`${path}: expected to write it, found ${message}`, { cause: error });
}
