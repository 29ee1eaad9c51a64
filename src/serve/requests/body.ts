/** Reads a request's whole body within limits, whatever its content type. */
import type { IncomingMessage } from 'node:http';
import { clientGone, RequestError } from './error.js';
import type { MemoryBudget } from './memory-budget.js';

export interface BodyLimits {
  /** The limit on one body in bytes. */
  readonly most: number;
  /** The limit on all bodies; the caller releases what is reserved here. */
  readonly bodies: MemoryBudget;
}

/** After how many seconds a client may try again. */
export const RETRY_SECONDS = 1;

/**
 * @param onReserved called with the bytes of each reservation, so that they can be released even if this throws
 * @throws RequestError if the body is too large, or all bodies together are
 */
export async function readBody(
  stream: IncomingMessage,
  { most, bodies }: BodyLimits,
  onReserved: (bytes: number) => void,
): Promise<Buffer> {
  const stated = Number(stream.headers['content-length'] ?? 0);
  if (stated > most) throw tooLarge(most, `${stated}`);
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of untilGone(stream)) {
    total += chunk.length;
    if (total > most) throw tooLarge(most, 'more');
    if (!bodies.reserve(chunk.length)) {
      throw new RequestError(503, 'request: too many requests are in memory; try again later', {
        retryAfter: RETRY_SECONDS,
        close: true,
      });
    }
    onReserved(chunk.length);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

/** The chunks of a body; throws `clientGone` if the client disconnects. */
async function* untilGone(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* stream;
  } catch (error) {
    throw clientGone(error);
  }
}

const tooLarge = (most: number, found: string) =>
  new RequestError(413, { subject: 'request', expected: `at most ${most} bytes`, found }, { close: true });
