/** Estimates pictures in order. Files are read ahead, and a bad picture does not affect the others. */
import { readFile, stat } from 'node:fs/promises';
import type { AgeEstimator } from '../estimate/index.js';
import type { BulkPicture } from './picture.js';
import {
  type Details,
  type FailureRecord,
  failureRecord,
  type PictureRecord,
  pictureRecord,
} from './record.js';

/** The result for a picture. */
export interface IndexedRecord {
  /** The picture's index among all inputs. */
  readonly index: number;
  readonly record: PictureRecord | FailureRecord;
}

/** The number of files read ahead, enough to hide the latency of a network disk. */
const MOST_AHEAD = 8;
/** Larger files, in bytes, are not read ahead, so that at most 128 MB are held. */
const LARGEST_AHEAD = 16 * 2 ** 20;

export interface EstimateAllOptions {
  readonly details: Details;
  /** If aborted, no further pictures are started; those in progress still give records. */
  readonly stop?: AbortSignal | undefined;
  /** If aborted, everything ends at once with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The record of each picture, in order. Only a few pictures are in memory at a time. */
export async function* estimateAll(
  estimator: Pick<AgeEstimator, 'stream'>,
  pictures: AsyncIterable<BulkPicture>,
  { details, stop, signal }: EstimateAllOptions,
): AsyncGenerator<IndexedRecord, void, undefined> {
  /** Pictures without a record yet. */
  const pending: Ready[] = [];
  async function* sources() {
    for await (const picture of readAhead(pictures)) {
      if (stop?.aborted) return;
      pending.push(picture);
      if (!('error' in picture)) yield picture.content;
    }
  }
  function* failed(): Generator<IndexedRecord> {
    for (let next = pending[0]; next !== undefined && 'error' in next; next = pending[0]) {
      pending.shift();
      yield { index: next.index, record: { file: next.file, error: next.error } };
    }
  }
  for await (const result of estimator.stream(sources(), { ...(signal && { signal }) })) {
    yield* failed();
    const { index, file } = pending.shift()!;
    const record =
      'error' in result ? failureRecord(file, result.error) : pictureRecord(file, result, details);
    yield { index, record };
  }
  yield* failed();
}

type Ready = { readonly index: number; readonly file: string } & (
  | { readonly content: string | Uint8Array }
  | { readonly error: string }
);

async function* readAhead(pictures: AsyncIterable<BulkPicture>): AsyncGenerator<Ready, void, undefined> {
  const source = pictures[Symbol.asyncIterator]();
  const ahead: Promise<Ready>[] = [];
  let exhausted = false;
  try {
    for (;;) {
      while (!exhausted && ahead.length < MOST_AHEAD) {
        const { done, value } = await source.next();
        if (done) exhausted = true;
        else ahead.push(ready(value));
      }
      const first = ahead.shift();
      if (first === undefined) return;
      yield await first;
    }
  } finally {
    await source.return?.();
  }
}

async function ready(input: BulkPicture): Promise<Ready> {
  const { index, file } = input;
  if ('error' in input) return { index, file, error: input.error };
  if (typeof input.picture === 'string') return { index, file, content: await contentOf(input.picture) };
  try {
    return { index, file, content: await input.picture() };
  } catch (error) {
    return { index, file, error: failureRecord(file, error as Error).error };
  }
}

/** A file's bytes; the path if it is large or unreadable, so that the decoder reports the error. */
async function contentOf(path: string): Promise<string | Uint8Array> {
  try {
    const found = await stat(path);
    const small = found.isFile() && found.size > 0 && found.size <= LARGEST_AHEAD;
    return small ? await readFile(path) : path;
  } catch {
    return path;
  }
}
