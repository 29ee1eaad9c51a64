/** Estimates pictures one after another, in order: files are read ahead, and a bad picture costs that picture alone. */
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

/** What was found of a picture. */
export interface IndexedRecord {
  /** The picture's place among all. */
  readonly index: number;
  readonly record: PictureRecord | FailureRecord;
}

/** Files that are read before they are decoded: enough that a disk on a network is not waited for. */
const MOST_AHEAD = 8;
/** A larger file is read when its turn has come: what is read ahead stays below 128 MB. */
const LARGEST_AHEAD = 16 * 2 ** 20;

export interface EstimateAllOptions {
  readonly details: Details;
  /** Aborted, it ends the pictures after those in progress, whose records still come. */
  readonly stop?: AbortSignal | undefined;
  /** Aborted, it ends everything at once, by its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The record of each picture, in order. Only a few pictures are held at a time. */
export async function* estimateAll(
  estimator: Pick<AgeEstimator, 'stream'>,
  pictures: AsyncIterable<BulkPicture>,
  { details, stop, signal }: EstimateAllOptions,
): AsyncGenerator<IndexedRecord, void, undefined> {
  /** Taken, and not told yet. */
  const taken: Ready[] = [];
  async function* sources() {
    for await (const one of readAhead(pictures)) {
      if (stop?.aborted) return;
      taken.push(one);
      if (!('error' in one)) yield one.content;
    }
  }
  function* failed(): Generator<IndexedRecord> {
    for (let one = taken[0]; one !== undefined && 'error' in one; one = taken[0]) {
      taken.shift();
      yield { index: one.index, record: { file: one.file, error: one.error } };
    }
  }
  for await (const result of estimator.stream(sources(), { ...(signal && { signal }) })) {
    yield* failed();
    const { index, file } = taken.shift()!;
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

async function ready(one: BulkPicture): Promise<Ready> {
  const { index, file } = one;
  if ('error' in one) return { index, file, error: one.error };
  if (typeof one.picture === 'string') return { index, file, content: await contentOf(one.picture) };
  try {
    return { index, file, content: await one.picture() };
  } catch (error) {
    return { index, file, error: failureRecord(file, error as Error).error };
  }
}

/** The bytes of a file; of what is none, or is large, the path, so that whoever decodes it says what is wrong. */
async function contentOf(path: string): Promise<string | Uint8Array> {
  try {
    const found = await stat(path);
    const small = found.isFile() && found.size > 0 && found.size <= LARGEST_AHEAD;
    return small ? await readFile(path) : path;
  } catch {
    return path;
  }
}
