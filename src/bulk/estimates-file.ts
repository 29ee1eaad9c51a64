/**
 * Estimates as a Parquet file, written and read row group by row group in bounded memory. The key `agewise` records the
 * request. DuckDB, pandas and the like open it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { ParquetWriter } from 'hyparquet-writer';
import * as z from 'zod';
import { bufferOf, FileSink } from '../data/index.js';
import { foundInstead } from '../files/index.js';
import { BulkError } from './error.js';
import { type EstimateRow, estimateColumns, INDEX } from './estimate-rows.js';
import { type EstimateRequest, requestSchema } from './request.js';

const KEY = 'agewise';
const FORMAT = 'agewise-estimates';
const GROUP_ROWS = 4096;

const documentSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  /** The number of pictures. */
  pictures: z.int().min(0),
  /** The index of the first picture; null if there are none. */
  first: z.int().min(0).nullable(),
  request: requestSchema,
});

/** The metadata of a file of estimates. */
export type EstimatesInfo = Pick<z.infer<typeof documentSchema>, 'pictures' | 'first' | 'request'>;

/** Writes estimates row by row: pictures in the order of their indices, the rows of a picture together. */
export class EstimatesWriter {
  private readonly names: readonly string[];
  private readonly parquet: ParquetWriter;
  private group: EstimateRow[] = [];
  private rows = 0;
  private pictures = 0;
  private first: number | null = null;
  private last = -1n;

  private constructor(
    private readonly sink: FileSink,
    private readonly request: EstimateRequest,
  ) {
    const { names, schema } = estimateColumns(request);
    this.names = names;
    this.parquet = new ParquetWriter({ writer: sink, schema, kvMetadata: [], createdBy: 'agewise' });
  }

  /** @param path of a file that does not exist */
  static async create(path: string, request: EstimateRequest): Promise<EstimatesWriter> {
    return new EstimatesWriter(await FileSink.create(path), request);
  }

  async append(row: EstimateRow): Promise<void> {
    const index = row[INDEX] as bigint;
    if (index !== this.last) {
      this.pictures++;
      this.first ??= Number(index);
      this.last = index;
    }
    this.group.push(row);
    this.rows++;
    if (this.group.length === GROUP_ROWS) await this.endGroup();
  }

  /** @returns the numbers of rows and pictures */
  async finish(): Promise<{ readonly rows: number; readonly pictures: number }> {
    if (this.group.length > 0) await this.endGroup();
    const { pictures, first, request, rows } = this;
    const document: z.input<typeof documentSchema> = { format: FORMAT, version: 1, pictures, first, request };
    this.parquet.kvMetadata!.push({ key: KEY, value: JSON.stringify(documentSchema.parse(document)) });
    await this.parquet.finish();
    return { rows, pictures };
  }

  /** Closes the file without finishing it. */
  async abort(): Promise<void> {
    await this.sink.abort();
  }

  private async endGroup(): Promise<void> {
    const rows = this.group;
    this.group = [];
    await this.parquet.write({
      columnData: this.names.map((name) => ({ name, data: rows.map((row) => row[name]) })),
      rowGroupSize: rows.length,
    });
  }
}

/** Writes a whole file. If that fails, the file is closed and left for the caller to remove. */
export async function writeEstimates(
  path: string,
  request: EstimateRequest,
  rows: AsyncIterable<EstimateRow>,
): Promise<{ readonly rows: number; readonly pictures: number }> {
  const writer = await EstimatesWriter.create(path, request);
  try {
    for await (const row of rows) await writer.append(row);
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

export class EstimatesReader {
  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly buffer: AsyncBuffer,
    private readonly metadata: FileMetaData,
    readonly info: EstimatesInfo,
  ) {}

  /** @throws BulkError if the file is missing or holds no estimates */
  static async open(path: string): Promise<EstimatesReader> {
    const expected = 'estimates that agewise wrote';
    let file: FileHandle;
    try {
      file = await open(path);
    } catch (error) {
      throw new BulkError({ subject: path, expected, found: foundInstead(error, path) }, { cause: error });
    }
    try {
      const buffer = await bufferOf(file, path);
      const metadata = await parquetMetadataAsync(buffer);
      const text = metadata.key_value_metadata?.find(({ key }) => key === KEY)?.value;
      return new EstimatesReader(path, file, buffer, metadata, documentSchema.parse(JSON.parse(text!)));
    } catch (error) {
      await file.close();
      throw new BulkError({ subject: path, expected, found: 'another or a damaged file' }, { cause: error });
    }
  }

  /** The number of rows. */
  get length(): number {
    return Number(this.metadata.num_rows);
  }

  /** All rows, in order. */
  async *rows(): AsyncGenerator<EstimateRow, void, undefined> {
    let rowStart = 0;
    for (const group of this.metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      let rows: Record<string, unknown>[];
      try {
        rows = await parquetReadObjects({ file: this.buffer, metadata: this.metadata, rowStart, rowEnd });
      } catch (error) {
        const problem = `its rows cannot be read (${(error as Error).message})`;
        throw new BulkError({ subject: this.path, problem }, { cause: error });
      }
      for (const row of rows) yield withoutNulls(row);
      rowStart = rowEnd;
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** Empty cells become undefined, as in rows before they are written. */
const withoutNulls = (row: Record<string, unknown>): EstimateRow =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value != null)) as EstimateRow;

/** The metadata of a file of estimates; undefined if there is none, or it is another kind of file. */
export async function estimatesInfo(path: string): Promise<EstimatesInfo | undefined> {
  const reader = await EstimatesReader.open(path).catch((error: unknown) => {
    if (error instanceof BulkError) return undefined;
    throw error;
  });
  await reader?.close();
  return reader?.info;
}
