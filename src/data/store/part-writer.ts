/** Writes one Parquet file of a store, a row group at a time. */
import { ParquetWriter } from 'hyparquet-writer';
import { HUGGING_FACE, IMAGE_COLUMN, LABEL_COLUMNS, type LabelCells, SCHEMA } from './columns.js';
import { FileSink } from './file-sink.js';
import { encodeLengths, LENGTHS_KEY } from './image-lengths.js';

/** A row group ends at this many rows or bytes of pictures, since it is held in memory. */
const GROUP_ROWS = 256;
const GROUP_BYTES = 32 * 2 ** 20;

/** One page per column of a row group, so that pictures are contiguous up to the end of their chunk. */
const ONE_PAGE = 0;

export interface PartRow {
  readonly image: Uint8Array;
  readonly path: string;
  readonly labels: LabelCells;
}

export class PartWriter {
  private readonly parquet: ParquetWriter;
  private group: PartRow[] = [];
  private groupBytes = 0;
  private readonly lengths: number[] = [];

  private constructor(private readonly sink: FileSink) {
    this.parquet = new ParquetWriter({
      writer: sink,
      schema: SCHEMA,
      kvMetadata: [{ key: 'huggingface', value: HUGGING_FACE }],
      createdBy: 'agewise',
    });
  }

  static async create(path: string): Promise<PartWriter> {
    return new PartWriter(await FileSink.create(path));
  }

  /** The size of the file so far, including rows waiting for their group to fill. */
  get bytes(): number {
    return this.sink.offset + this.groupBytes;
  }

  async append(row: PartRow): Promise<void> {
    this.group.push(row);
    this.groupBytes += row.image.length;
    this.lengths.push(row.image.length);
    if (this.group.length === GROUP_ROWS || this.groupBytes >= GROUP_BYTES) await this.endGroup();
  }

  async finish(): Promise<void> {
    if (this.group.length > 0) await this.endGroup();
    this.parquet.kvMetadata!.push({ key: LENGTHS_KEY, value: encodeLengths(this.lengths) });
    await this.parquet.finish();
  }

  async abort(): Promise<void> {
    await this.sink.abort();
  }

  private async endGroup(): Promise<void> {
    const rows = this.group;
    this.group = [];
    this.groupBytes = 0;
    await this.parquet.write({
      columnData: [
        {
          name: IMAGE_COLUMN,
          data: rows.map(({ image, path }) => ({ bytes: image, path })),
          // Pictures are already compressed, and stay directly readable.
          codec: 'UNCOMPRESSED',
          encoding: 'PLAIN',
          statistics: false,
        },
        ...LABEL_COLUMNS.map((name) => ({ name, data: rows.map(({ labels }) => labels[name]) })),
      ],
      rowGroupSize: rows.length,
      pageSize: ONE_PAGE,
    });
  }
}
