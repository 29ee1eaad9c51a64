/** Compressed variables: zlib streams that inflate to one array element. */
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflate } from 'node:zlib';
import { DataError } from '../../types.js';
import { Bytes } from './bytes.js';
import { truncated } from './elements.js';

/** Larger results go to a temporary file: the labels of IMDB-WIKI are smaller, stores of pictures are not. */
const IN_MEMORY = 2 ** 28;

/** Deflate's maximum compression ratio: a larger stated size is false and must not get memory. */
const MOST_SHRUNK = 1032;

const CHUNK = 1 << 20;

export interface Inflated {
  readonly bytes: Bytes;
  /** Releases the memory or the temporary file. */
  release(): void;
}

/**
 * Inflates a stretch of a file.
 * @param size bytes that it inflates to
 * @param where its name in errors
 * @throws DataError if the stream is damaged or has another size.
 */
export async function inflate(
  source: { readonly path: string; readonly start: number; readonly size: number },
  size: number,
  littleEndian: boolean,
  where: string,
): Promise<Inflated> {
  if (size > source.size * MOST_SHRUNK) throw truncated(where);
  const sink = size <= IN_MEMORY ? memorySink(size, littleEndian) : fileSink(size, littleEndian);
  try {
    let filled = 0;
    await pipeline(
      createReadStream(source.path, {
        start: source.start,
        end: source.start + source.size - 1,
        highWaterMark: CHUNK,
      }),
      createInflate({ chunkSize: CHUNK }),
      async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) {
          if (filled + chunk.length > size) {
            throw new DataError(`${where}: expected ${size} bytes, found more; the file is corrupt`);
          }
          sink.write(chunk, filled);
          filled += chunk.length;
        }
      },
    );
    if (filled < size) throw truncated(where);
    return sink.done();
  } catch (error) {
    sink.done().release();
    if (error instanceof DataError) throw error;
    throw new DataError(`${where}: expected to inflate it, found ${(error as Error).message}`);
  }
}

interface Sink {
  write(chunk: Uint8Array, at: number): void;
  done(): Inflated;
}

function memorySink(size: number, littleEndian: boolean): Sink {
  const memory = new Uint8Array(size);
  return {
    write: (chunk, at) => memory.set(chunk, at),
    done: () => ({ bytes: Bytes.ofMemory(memory, littleEndian), release: () => undefined }),
  };
}

function fileSink(size: number, littleEndian: boolean): Sink {
  const folder = mkdtempSync(join(tmpdir(), 'agewise-mat-'));
  const descriptor = openSync(join(folder, 'variable'), 'wx+');
  return {
    write(chunk, at) {
      for (let written = 0; written < chunk.length; ) {
        written += writeSync(descriptor, chunk, written, chunk.length - written, at + written);
      }
    },
    done: () => ({
      bytes: Bytes.ofFile(descriptor, 0, size, littleEndian),
      release() {
        closeSync(descriptor);
        rmSync(folder, { recursive: true, force: true });
      },
    }),
  };
}
