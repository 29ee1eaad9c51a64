/** Files of any size, read and written whole. */
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { leftoversOf, release, reserve } from './partial-name.js';

/**
 * The bytes of a file of any size: Node's own `readFile` ends at 2 GiB, and large networks with their moments do not.
 * @throws the system's error where it cannot be read.
 */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array((await file.stat()).size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, Math.min(PIECE, bytes.length - length));
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await file.close();
  }
}

/** Bytes that are read at once: less than the system reads in one go at most. */
const PIECE = 2 ** 30;

/**
 * Writes a file that appears whole or not at all: under a temporary name beside its place, flushed to the disk, renamed.
 * What an earlier process left of it is removed.
 * @throws the system's error where it cannot be written; what was there before still is.
 */
export const writeWholeFile = (
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> => writeWhole(path, (partial) => writeFile(partial, content, { flag: 'wx' }));

/**
 * The same for whoever writes the file by other means.
 * @param write writes the file of the name that it is given, and closes it
 */
export async function writeWhole<T>(path: string, write: (partial: string) => Promise<T>): Promise<T> {
  const { abandoned } = await leftoversOf(path);
  for (const left of abandoned) await rm(left, { force: true, recursive: true });
  const partial = reserve(path);
  try {
    const result = await write(partial);
    const file = await open(partial, 'r+');
    await file.sync().finally(() => file.close());
    await rename(partial, path);
    return result;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    release(partial);
  }
}
