/** Reads all of standard input. */
import { addAbortSignal, type Readable } from 'node:stream';
import { ImageError } from '../vision/index.js';

/** In messages. */
export const STANDARD_INPUT_NAME = 'standard input';

/** More than any picture needs, and still fits in memory. */
const MOST_BYTES = 2 ** 30;

/**
 * All bytes up to the end.
 * @throws the signal's reason once it is aborted; ImageError if there is too much, with what was expected and found
 */
export async function readAll(stream: Readable, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of addAbortSignal(signal, stream)) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new ImageError(STANDARD_INPUT_NAME, 'an image of at most 1 GiB', 'more');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
