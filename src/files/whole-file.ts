/** Files of any size, read and written whole. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, writeFile } from 'node:fs/promises';

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
 * @throws the system's error where it cannot be written; what was there before still is.
 */
export async function writeWholeFile(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await writeFile(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
