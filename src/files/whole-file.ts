/** Reads and writes files of any size at once. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { leftoversOf, release, reserve } from './partial-name.js';
import { notAFile } from './plain-file.js';

/**
 * The bytes of a file of any size: Node's own `readFile` is limited to 2 GiB, which large networks with their moments
 * exceed.
 * @throws the system's error if it cannot be read.
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

/** Bytes read per call: less than the system's maximum. */
const PIECE = 2 ** 30;

/**
 * Writes a file atomically: under a temporary name in the same folder, flushed to the disk, then renamed. Leftovers of
 * earlier processes are removed.
 * @throws the system's error if it cannot be written; an existing file is then unchanged.
 */
export const writeWholeFile = (
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> => writeWhole(path, (partial) => writeFile(partial, content, { flag: 'wx' }));

/**
 * The same with a callback that writes the file.
 * @param write writes and closes the file of the given name
 */
export async function writeWhole<T>(path: string, write: (partial: string) => Promise<T>): Promise<T> {
  const { abandoned } = await leftoversOf(path);
  for (const left of abandoned) await rm(left, { force: true, recursive: true });
  const partial = reserve(path);
  try {
    return await writeThenRename(partial, path, write);
  } finally {
    release(partial);
  }
}

/**
 * As `writeWhole`, in a folder shared by several machines, where process ids are not unique: the temporary name is random,
 * and leftovers of others stay. If several write the file, the last one wins.
 * @param write writes the file of the name that it is given, and closes it
 */
export function writeWholeShared<T>(path: string, write: (partial: string) => Promise<T>): Promise<T> {
  const partial = `${path}.${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}.partial`;
  return writeThenRename(partial, path, write);
}

async function writeThenRename<T>(
  partial: string,
  path: string,
  write: (partial: string) => Promise<T>,
): Promise<T> {
  await mustBeReplaceable(path);
  try {
    const result = await write(partial);
    const file = await open(partial, 'r+');
    await file.sync().finally(() => file.close());
    await rename(partial, path);
    return result;
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** A rename would put a file in the place of a device, such as /dev/stdout, for all programs. */
async function mustBeReplaceable(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  const found = there && !there.isDirectory() ? notAFile(there) : undefined;
  if (found === undefined) return;
  throw Object.assign(new Error(`it is ${found}, which a file cannot replace`), { code: 'ENOTSUP', path });
}
