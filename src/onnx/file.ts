/** Models as files. Node only: everything else in this room runs in a browser too. */

import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { OnnxFormatError, readModel, writeModel } from './codec.js';
import type { Model } from './graph.js';

/**
 * Reads an `.onnx` file, and the weights that it keeps in files beside it.
 * @throws OnnxFormatError, naming the file, where it cannot be read, is no ONNX model, or refers to data that is
 *   missing or lies outside its folder.
 */
export async function readModelFile(path: string): Promise<Model> {
  try {
    const folder = await realpath(dirname(resolve(path)));
    return readModel(await readFile(path), {
      external: (location, offset, length) => readExternal(folder, location, offset, length),
    });
  } catch (error) {
    throw new OnnxFormatError(`${path}: ${reason(error)}`, { cause: error });
  }
}

/**
 * Writes a model to an `.onnx` file, weights included. The file appears whole or not at all.
 * @throws OnnxFormatError, naming the file, where it cannot be written.
 */
export async function writeModelFile(path: string, model: Model): Promise<void> {
  try {
    await writeWholeFile(path, writeModel(model));
  } catch (error) {
    throw new OnnxFormatError(`${path}: ${reason(error)}`, { cause: error });
  }
}

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

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file or folder',
  EACCES: 'Permission is denied',
  EISDIR: 'It is a folder, not a file',
  ENOSPC: 'The disk is full',
};

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code !== undefined ? REASONS[code] : undefined) ?? message;
}

function readExternal(
  folder: string,
  location: string,
  offset: number,
  length: number | undefined,
): Uint8Array {
  const inside = (p: string) => {
    const way = relative(folder, p);
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
  const outside = () => new OnnxFormatError(`External data '${location}' lies outside the model's folder`);
  let path = resolve(folder, location);
  if (isAbsolute(location) || !inside(path)) throw outside();
  let file: number;
  try {
    path = realpathSync(path);
    if (!inside(path)) throw outside();
    file = openSync(path, 'r');
  } catch (error) {
    if (error instanceof OnnxFormatError) throw error;
    throw new OnnxFormatError(`External data '${location}': ${reason(error)}`);
  }
  try {
    const size = fstatSync(file).size;
    const count = length ?? size - offset;
    if (!(offset >= 0 && count >= 0 && offset + count <= size)) {
      throw new OnnxFormatError(
        `External data '${location}' has ${size} bytes; ${count} are expected from ${offset} on`,
      );
    }
    const bytes = new Uint8Array(count);
    for (let done = 0; done < count; ) {
      const read = readSync(file, bytes, done, count - done, offset + done);
      if (read === 0) throw new OnnxFormatError(`External data '${location}' ended early`);
      done += read;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
