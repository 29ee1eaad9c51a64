/** The model file that a command writes. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError, isMissing, reasonOf } from '../files/index.js';
import { UsageError } from './usage.js';

const EXTENSION = '.onnx';

/** Checked before the work starts, since it may take long. */
export async function mustBeWritable(out: string, overwrite: boolean): Promise<void> {
  if (!out.toLowerCase().endsWith(EXTENSION)) {
    throw new UsageError(`${out}: expected the name of the file to write, ending in ${EXTENSION}`);
  }
  const there = await stat(out).catch(() => undefined);
  if (there?.isDirectory()) throw new UsageError(`${out}: expected a file, found a folder`);
  if (there !== undefined && !overwrite) {
    throw new UsageError(
      `${out}: expected a new name, found an existing file or folder; --overwrite replaces it`,
    );
  }
  const folder = dirname(out);
  try {
    await access(folder, constants.W_OK);
  } catch (error) {
    if (isMissing(error)) throw new UsageError(`${out}: folder '${folder}' does not exist`);
    throw new FileError({ subject: out, problem: `it cannot be written: ${reasonOf(error)}` });
  }
}
