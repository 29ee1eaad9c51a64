/** Writes the records of pictures to a file, which appears when all are done. An interrupted run can be resumed. */
import { FileError, isRefusal, reasonOf, takeLock, writeWhole } from '../files/index.js';
import type { IndexedRecord } from './estimate-all.js';
import { type EstimateRow, estimateRows } from './estimate-rows.js';
import { writeEstimates } from './estimates-file.js';
import type { BulkPicture } from './picture.js';
import type { EstimateRequest } from './request.js';
import { Unfinished } from './unfinished.js';

/** Writes records to a new file. */
export type WriteRecords = (path: string, records: AsyncIterable<IndexedRecord>) => Promise<unknown>;

/** Writes them as Parquet. */
export const parquetOf =
  (request: EstimateRequest): WriteRecords =>
  (path, records) =>
    writeEstimates(path, request, recordRows(records, request));

/** The rows of records, one after another. */
export async function* recordRows(
  records: AsyncIterable<IndexedRecord>,
  request: EstimateRequest,
): AsyncGenerator<EstimateRow, void, undefined> {
  for await (const record of records) yield* estimateRows(record, request);
}

/** Makes the record of each picture, in order. */
export type MakeRecords = (pictures: AsyncIterable<BulkPicture>) => AsyncIterable<IndexedRecord>;

export interface WriteResultsOptions {
  readonly request: EstimateRequest;
  readonly write: WriteRecords;
  /** If aborted, the records end early, and the run keeps its results. */
  readonly stop?: AbortSignal | undefined;
  /** Called with the number of pictures done before. */
  readonly onResume?: (done: number) => void;
  /** Called with each new record. */
  readonly onRecord?: (record: IndexedRecord) => void | Promise<void>;
}

export interface Written {
  /** Whether all pictures are done and the file is written. */
  readonly finished: boolean;
  /** Including those done before. */
  readonly pictures: number;
  readonly faces: number;
  readonly failed: number;
}

/**
 * @param out the file, which is replaced if it exists
 * @throws BulkError if an earlier run left results of another request or of other inputs; FileError if another process is
 *   writing the file, or it cannot be written
 */
export async function writeResults(
  out: string,
  make: MakeRecords,
  pictures: AsyncIterable<BulkPicture>,
  options: WriteResultsOptions,
): Promise<Written> {
  const { request, stop, onResume, onRecord } = options;
  return readable(out, async () => {
    const release = await takeLock(
      `${out}.lock`,
      ({ pid, host }) =>
        new FileError(
          { subject: out, problem: `process ${pid} on ${host} is writing it` },
          { kind: 'usage' },
        ),
    );
    try {
      const unfinished = await Unfinished.open(out, request);
      try {
        if (unfinished.done > 0) onResume?.(unfinished.done);
        for await (const record of make(unfinished.remaining(pictures))) {
          await unfinished.append(record);
          await onRecord?.(record);
        }
      } finally {
        await unfinished.close();
      }
      const counts = { pictures: 0, faces: 0, failed: 0 };
      const counted = async function* () {
        for await (const indexed of unfinished.records()) {
          counts.pictures++;
          if ('error' in indexed.record) counts.failed++;
          else counts.faces += indexed.record.faces.length;
          yield indexed;
        }
      };
      if (stop?.aborted) {
        for await (const _ of counted());
        return { finished: false, ...counts };
      }
      await writeWhole(out, (partial) => options.write(partial, counted()));
      await unfinished.remove();
      return { finished: true, ...counts };
    } finally {
      await release();
    }
  });
}

/** Names the file in errors of the system. */
async function readable<T>(out: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const problem = `it cannot be written: ${reasonOf(error)}`;
    throw new FileError({ subject: out, problem }, { cause: error });
  }
}
