/** What every export does: nothing is replaced unless asked for, and nothing is half there. */
import { exists, isRefusal, reasonOf, writeWhole } from '../../files/index.js';
import { DataError } from '../types.js';

/**
 * Calls `write` with a temporary name and renames the result.
 * @throws DataError if there is a file of the name already, and it is not to be replaced, or the system refuses to
 *   write it.
 */
export async function writeExport<T>(
  path: string,
  overwrite: boolean,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  if (!overwrite) await mustBeNew(path);
  try {
    return await writeWhole(path, write);
  } catch (error) {
    throw inASentence(error, path);
  }
}

/** @throws DataError if something of the name is there */
export async function mustBeNew(path: string): Promise<void> {
  if (!(await exists(path))) return;
  throw new DataError({ subject: path, expected: 'a new name', found: 'an existing file or folder' });
}

/** A system error, such as a full disk, as an error that names the file. */
export function inASentence(error: unknown, path: string): unknown {
  if (!isRefusal(error)) return error;
  const problem = `it cannot be written: ${reasonOf(error)}`;
  return new DataError({ subject: path, problem }, { kind: 'failed', cause: error });
}
