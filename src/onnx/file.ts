/** Models as files. Node only: everything else in this room runs in a browser too. */

import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { isMissing, notAFile, reasonOf, writeWholeFile } from '../files/index.js';
import { readModel, writeModel } from './codec/index.js';
import { OnnxFormatError } from './errors.js';
import type { Model } from './graph.js';

/** The maximum size of all external data in bytes: ONNX Runtime takes models of up to 2 GiB in one piece. */
const MOST_EXTERNAL = 2 ** 31;

/**
 * Reads an `.onnx` file, including external weights.
 * @throws OnnxFormatError, naming the file, if it cannot be read, is not an ONNX model, or refers to data that is missing or outside its folder.
 */
export async function readModelFile(path: string): Promise<Model> {
  try {
    const folder = await realpath(dirname(resolve(path)));
    const found = notAFile(await stat(path));
    if (found !== undefined) throw new OnnxFormatError(`it is ${found}`);
    let room = MOST_EXTERNAL;
    return readModel(await readFile(path), {
      external(location, offset, length) {
        const bytes = readExternal(folder, location, offset, length, room);
        room -= bytes.length;
        return bytes;
      },
    });
  } catch (error) {
    throw unusable(path, error);
  }
}

/**
 * Writes a model to an `.onnx` file, weights included. The write is atomic.
 * @throws OnnxFormatError, naming the file, if it cannot be written.
 */
export async function writeModelFile(path: string, model: Model): Promise<void> {
  try {
    await writeWholeFile(path, writeModel(model));
  } catch (error) {
    const kind = isMissing(error) ? 'missing' : 'failed';
    throw new OnnxFormatError({ subject: path, problem: reasonOf(error) }, { kind, cause: error });
  }
}

function readExternal(
  folder: string,
  location: string,
  offset: number,
  length: number | undefined,
  room: number,
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
    // Opening a pipe, which would wait for a writer, does not block here.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (error instanceof OnnxFormatError) throw error;
    throw new OnnxFormatError(`External data '${location}': ${reasonOf(error)}`);
  }
  try {
    const stats = fstatSync(file);
    const found = notAFile(stats);
    if (found !== undefined)
      throw new OnnxFormatError(`External data '${location}': expected a file, found ${found}`);
    const { size } = stats;
    const count = length ?? size - offset;
    if (!(offset >= 0 && count >= 0 && offset + count <= size)) {
      throw new OnnxFormatError(
        `External data '${location}' has ${size} bytes, expected ${count} from ${offset} on`,
      );
    }
    if (count > room) throw new OnnxFormatError('External data must have at most 2 GiB, found more');
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

/** An error about the file: what is wrong inside, or why the system refuses access. */
function unusable(path: string, error: unknown): OnnxFormatError {
  const kind = isMissing(error) ? 'missing' : 'input';
  return new OnnxFormatError({ subject: path, problem: reasonOf(error) }, { kind, cause: error });
}
