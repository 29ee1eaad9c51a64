import { reasonOf, writeWholeFile } from '../../files/index.js';
import { LogError } from './log-error.js';

/**
 * Writes a file atomically.
 * @throws LogError if it cannot be written; an existing file is then unchanged.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await writeWholeFile(path, text);
  } catch (error) {
    throw new LogError(`'${path}' cannot be written: ${reasonOf(error)}`, { kind: 'failed', cause: error });
  }
}
