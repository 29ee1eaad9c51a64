/** A request's body: read whole, within limits, whatever it says that it is. */
import type { IncomingMessage } from 'node:http';
import { clientGone, RequestError } from './error.js';
import type { HeldBytes } from './held.js';

export interface BodyLimits {
  /** Bytes of one body. */
  readonly most: number;
  /** Of all. What is taken here is given back by `released`. */
  readonly held: HeldBytes;
}

/** When a client may try again, in seconds. */
export const RETRY_SECONDS = 1;

/**
 * @param taken told of bytes as they are held, so that they can be given back even where this throws
 * @throws RequestError where the body is too large, or too much is held
 */
export async function readBody(
  stream: IncomingMessage,
  { most, held }: BodyLimits,
  taken: (bytes: number) => void,
): Promise<Buffer> {
  const stated = Number(stream.headers['content-length'] ?? 0);
  if (stated > most) throw tooLarge(most, `${stated}`);
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of untilGone(stream)) {
    total += chunk.length;
    if (total > most) throw tooLarge(most, 'more');
    if (!held.take(chunk.length)) {
      throw new RequestError(503, 'request: as much is held as may be; try again later', {
        retryAfter: RETRY_SECONDS,
        close: true,
      });
    }
    taken(chunk.length);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** A body whose client goes ends early. */
async function* untilGone(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* stream;
  } catch (error) {
    throw clientGone(error);
  }
}

const tooLarge = (most: number, found: string) =>
  new RequestError(413, { subject: 'request', expected: `at most ${most} bytes`, found }, { close: true });
