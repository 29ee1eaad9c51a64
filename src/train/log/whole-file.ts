import { reasonOf, writeWholeFile } from '../../files/index.js';
import { LogError } from './log-error.js';

/**
 * Writes a file that appears atomically.
 * @throws LogError if it cannot be written; what was there before still is.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await writeWholeFile(path, text);
  } catch (error) {
    throw new LogError(`'${path}' cannot be written: ${reasonOf(error)}`, { kind: 'failed', cause: error });
  }
}
