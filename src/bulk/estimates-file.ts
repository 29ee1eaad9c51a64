/**
 * Estimates as a Parquet file, written group by group and read a few rows at a time, so that memory is bounded. The key `agewise` records the
 * request. DuckDB, pandas and the like open it.
 */
import { type FileHandle, open } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
} from 'hyparquet';
import { ParquetWriter } from 'hyparquet-writer';
import * as z from 'zod';
import { bufferOf, FileSink } from '../data/index.js';
import { foundInstead } from '../files/index.js';
import { BulkError } from './error.js';
import { type EstimateCell, type EstimateRow, estimateColumns, INDEX } from './estimate-rows.js';
import { type EstimateRequest, requestSchema } from './request.js';

const KEY = 'agewise';
const FORMAT = 'agewise-estimates';

/**
 * The number of values in a row group, some 40,000 rows. A group's values are in memory until it is written, and its metadata
 * (60 kB) until the file is: groups of 4,096 rows would take 1.5 GB in a file of 10⁸ rows, these take 170 MB.
 */
const GROUP_VALUES = 2 ** 20;
/** The bytes of a page: whoever reads a few rows decodes a page of each column, not the whole group. */
const PAGE_BYTES = 2 ** 13;
/** The number of rows decoded at once. */
const MOST_AT_ONCE = 4096;

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
  private columns: EstimateCell[][];
  private values = 0;
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
    this.columns = names.map(() => []);
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
    for (const [c, name] of this.names.entries()) {
      const cell = row[name];
      this.columns[c]!.push(cell);
      this.values += Array.isArray(cell) ? cell.length : 1;
    }
    this.rows++;
    if (this.values >= GROUP_VALUES) await this.endGroup();
  }

  /** @returns the numbers of rows and pictures */
  async finish(): Promise<{ readonly rows: number; readonly pictures: number }> {
    if (this.values > 0) await this.endGroup();
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
    const { names, columns } = this;
    this.columns = names.map(() => []);
    this.values = 0;
    await this.parquet.write({
      // Without offset indexes, which would be in memory until the file is written.
      columnData: names.map((name, c) => ({ name, data: columns[c]!, offsetIndex: false })),
      rowGroupSize: columns[0]!.length,
      pageSize: PAGE_BYTES,
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

  /**
   * All rows, in order.
   * @param most the number of rows in memory
   */
  async *rows(most = MOST_AT_ONCE): AsyncGenerator<EstimateRow, void, undefined> {
    const step = Math.min(most, MOST_AT_ONCE);
    let groupStart = 0;
    for (const group of this.metadata.row_groups) {
      const groupEnd = groupStart + Number(group.num_rows);
      for (let start = groupStart; start < groupEnd; start += step) {
        const end = Math.min(start + step, groupEnd);
        const columns = await this.columns(start, end);
        for (let i = 0; i < end - start; i++) yield rowOf(columns, i);
      }
      groupStart = groupEnd;
    }
  }

  /** The cells of some rows of one group, by column name: a third of the memory of objects. */
  private async columns(rowStart: number, rowEnd: number): Promise<Columns> {
    const names = parquetSchema(this.metadata).children.map(({ element }) => element.name);
    const columns: Columns = new Map(names.map((name) => [name, []]));
    try {
      await parquetRead({
        file: this.buffer,
        metadata: this.metadata,
        rowStart,
        rowEnd,
        onChunk: ({ columnName, columnData, rowStart: from }) => {
          const cells = columns.get(columnName)!;
          const [first, end] = [rowStart - from, rowEnd - from];
          for (let i = Math.max(first, 0); i < Math.min(end, columnData.length); i++) {
            cells[i - first] = columnData[i];
          }
        },
      });
      return columns;
    } catch (error) {
      const problem = `its rows cannot be read (${(error as Error).message})`;
      throw new BulkError({ subject: this.path, problem }, { cause: error });
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

type Columns = Map<string, (EstimateCell | null)[]>;

/** Without empty cells, as rows are before they are written. */
function rowOf(columns: Columns, i: number): EstimateRow {
  const row: Record<string, EstimateCell> = {};
  for (const [name, cells] of columns) {
    const cell = cells[i];
    if (cell != null) row[name] = cell;
  }
  return row;
}

/** The metadata of a file of estimates; undefined if there is none, or it is another kind of file. */
export async function estimatesInfo(path: string): Promise<EstimatesInfo | undefined> {
  const reader = await EstimatesReader.open(path).catch((error: unknown) => {
    if (error instanceof BulkError) return undefined;
    throw error;
  });
  await reader?.close();
  return reader?.info;
}
