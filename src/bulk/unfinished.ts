/**
 * The results of an unfinished run: JSON lines in a file beside the output, one for each picture, after a first line with the
 * request. After any interruption the complete lines are kept, an incomplete one is removed, and the run continues there.
 */
import { type FileHandle, open, rm } from 'node:fs/promises';
import * as z from 'zod';
import { maskAddress } from '../errors/index.js';
import { exists, readJsonLines } from '../files/index.js';
import { BulkError } from './error.js';
import type { IndexedRecord } from './estimate-all.js';
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
    /** The number of pictures done before. */
    readonly done: number,
    /** The byte offset of the first record. */
    private readonly start: number,
  ) {}

  /**
   * Creates the file for a request, or opens the one that an earlier run left.
   * @throws BulkError if that belongs to another request
   */
  static async open(out: string, request: EstimateRequest): Promise<Unfinished> {
    const path = unfinishedName(out);
    const found = (await exists(path)) ? await completePart(path, out, request) : undefined;
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

  /** All records so far, in order. */
  async *records(): AsyncGenerator<IndexedRecord, void, undefined> {
    for await (const { value } of readJsonLines(this.path, this.start)) {
      const [index, record] = value as [number, IndexedRecord['record']];
      yield { index, record };
    }
  }

  /**
   * The pictures without a record.
   * @throws BulkError if the records belong to other pictures, since the inputs have changed
   */
  async *remaining(pictures: AsyncIterable<BulkPicture>): AsyncGenerator<BulkPicture, void, undefined> {
    const before = this.records();
    let skipped = 0;
    for await (const picture of pictures) {
      if (skipped === this.done) {
        yield picture;
        continue;
      }
      skipped++;
      const { value } = await before.next();
      const { index, record } = value as IndexedRecord;
      if (index === picture.index && record.file === maskAddress(picture.file)) continue;
      throw new BulkError({
        subject: this.path,
        expected: `'${picture.file}' as result ${skipped}, as in the inputs`,
        found: `'${record.file}'; the inputs have changed, remove the file to start over`,
      });
    }
    await before.return();
    if (skipped === this.done) return;
    throw new BulkError({
      subject: this.path,
      expected: `at most ${skipped} results, one for each input`,
      found: `${this.done}; the inputs have changed, remove the file to start over`,
    });
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}

/** Reopens the file for appending. */
async function appending(file: FileHandle, path: string): Promise<FileHandle> {
  await file.close();
  return open(path, 'a');
}

interface CompletePart {
  readonly done: number;
  /** The byte offsets of the first record and of the end of the last complete one. */
  readonly start: number;
  readonly end: number;
}

/** The complete lines of the file; undefined if not even the first is complete. */
async function completePart(
  path: string,
  out: string,
  request: EstimateRequest,
): Promise<CompletePart | undefined> {
  let start: number | undefined;
  let end = 0;
  let done = 0;
  for await (const line of readJsonLines(path)) {
    if (start === undefined) {
      const head = headSchema.safeParse(line.value);
      if (!head.success || !sameRequest(head.data.request, request)) {
        throw new BulkError(
          {
            subject: path,
            expected: `unfinished results of this command for '${out}'`,
            found: 'those of another command; remove the file or choose another --out',
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
