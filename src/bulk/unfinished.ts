/**
 * Results of a run that is not over: JSON lines beside the place where the results shall be, one for each picture, under a
 * line that says what they are of. Whatever ends the run, its whole lines are kept: a line that is cut off is cut away, and
 * the run goes on behind it.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { z } from 'zod';
import { exists } from '../files/index.js';
import { BulkError } from './error.js';
import type { IndexedRecord } from './estimate-all.js';
import { readLines } from './lines.js';
import type { BulkPicture } from './picture.js';
import { type EstimateRequest, requestSchema, sameRequest } from './request.js';

export const unfinishedName = (out: string): string => `${out}.unfinished`;

const headSchema = z.strictObject({
  format: z.literal('agewise-unfinished'),
  version: z.literal(1),
  request: requestSchema,
});

export class Unfinished {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    /** Pictures that were done before. */
    readonly done: number,
    /** Where the first record begins. */
    private readonly start: number,
  ) {}

  /**
   * Begins the results of a request, or finds those that an earlier run left.
   * @throws BulkError where those are of another request
   */
  static async open(out: string, request: EstimateRequest): Promise<Unfinished> {
    const path = unfinishedName(out);
    const found = (await exists(path)) ? await whole(path, out, request) : undefined;
    const file = await open(path, found === undefined ? 'w' : 'r+');
    try {
      if (found !== undefined) {
        await file.truncate(found.end);
        return new Unfinished(path, await appending(file, path), found.done, found.start);
      }
      const head = `${JSON.stringify({ format: 'agewise-unfinished', version: 1, request })}\n`;
      await file.write(head);
      return new Unfinished(path, await appending(file, path), 0, Buffer.byteLength(head));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async append({ index, record }: IndexedRecord): Promise<void> {
    await this.file.write(`${JSON.stringify([index, record])}\n`);
  }

  /** All that are done, in order. */
  async *records(): AsyncGenerator<IndexedRecord, void, undefined> {
    for await (const { text } of readLines(this.path, this.start)) {
      const [index, record] = JSON.parse(text) as [number, IndexedRecord['record']];
      yield { index, record };
    }
  }

  /**
   * The pictures that are not done yet.
   * @throws BulkError where those that are done were others: the inputs have changed
   */
  async *remaining(pictures: AsyncIterable<BulkPicture>): AsyncGenerator<BulkPicture, void, undefined> {
    const before = this.records();
    let passed = 0;
    for await (const picture of pictures) {
      if (passed === this.done) {
        yield picture;
        continue;
      }
      passed++;
      const { value } = await before.next();
      const { index, record } = value as IndexedRecord;
      if (index === picture.index && record.file === picture.file) continue;
      throw new BulkError({
        subject: this.path,
        expected: `'${picture.file}' as result ${passed}, as in the inputs`,
        found: `'${record.file}'; the inputs have changed, remove the file to begin anew`,
      });
    }
    await before.return();
    if (passed === this.done) return;
    throw new BulkError({
      subject: this.path,
      expected: `at most ${passed} results, as many as there are inputs`,
      found: `${this.done}; the inputs have changed, remove the file to begin anew`,
    });
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** The same file, opened so that whatever is written goes to its end. */
async function appending(file: FileHandle, path: string): Promise<FileHandle> {
  await file.close();
  return open(path, 'a');
}

interface Whole {
  readonly done: number;
  /** The bytes at which the first record begins and the last whole one ends. */
  readonly start: number;
  readonly end: number;
}

/** What of the file is whole; undefined where not even its first line is. */
async function whole(path: string, out: string, request: EstimateRequest): Promise<Whole | undefined> {
  let start: number | undefined;
  let end = 0;
  let done = 0;
  for await (const line of readLines(path)) {
    const value = line.whole ? parsed(line.text) : undefined;
    if (value === undefined) break;
    if (start === undefined) {
      const head = headSchema.safeParse(value);
      if (!head.success || !sameRequest(head.data.request, request)) {
        throw new BulkError(
          {
            subject: path,
            expected: `unfinished results of this command for '${out}'`,
            found: 'those of another; remove the file, or name another --out',
          },
          { kind: 'usage' },
        );
      }
      start = line.end;
    } else done++;
    end = line.end;
  }
  return start === undefined ? undefined : { done, start, end };
}

/** Undefined for what is no JSON: after a power cut a file may hold zeros where nothing was written. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
