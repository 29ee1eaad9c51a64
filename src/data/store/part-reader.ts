/** Reads one Parquet file of a store. */
import { type FileHandle, open } from 'node:fs/promises';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { DataError } from '../types.js';
import { bufferOf } from './buffer-of.js';
import { BYTES_FIELD, IMAGE_COLUMN } from './columns.js';
import { type ImagePlaces, imagePlaces, PREFIX } from './image-lengths.js';

export class PartReader {
  /** The last row group read, for files whose pictures cannot be read individually. */
  private held: { readonly start: number; readonly images: Promise<(Uint8Array | undefined)[]> } | undefined;

  private constructor(
    private readonly path: string,
    private readonly file: FileHandle,
    private readonly buffer: AsyncBuffer,
    private readonly metadata: FileMetaData,
    private readonly places: ImagePlaces | undefined,
  ) {}

  /** @throws DataError for what is not a Parquet file */
  static async open(path: string): Promise<PartReader> {
    const file = await open(path, 'r');
    try {
      const buffer = await bufferOf(file, path);
      const metadata = await parquetMetadataAsync(buffer);
      return new PartReader(path, file, buffer, metadata, imagePlaces(metadata));
    } catch (error) {
      await file.close();
      if (error instanceof DataError) throw error;
      throw new DataError(`${path}: expected a Parquet file, found a damaged or truncated one`, {
        cause: error,
      });
    }
  }

  get length(): number {
    return Number(this.metadata.num_rows);
  }

  /** The rows as read by hyparquet, without picture bytes. */
  async *rows(): AsyncGenerator<Record<string, unknown>> {
    const metadata = withoutImageBytes(this.metadata);
    for (const [rowStart, rowEnd] of this.groups()) {
      yield* await this.damaged(() =>
        parquetReadObjects({ file: this.buffer, metadata, rowStart, rowEnd, utf8: false }),
      );
    }
  }

  /** @param row counted within the file */
  async image(row: number): Promise<Uint8Array> {
    if (this.places === undefined) return this.imageOfGroup(row);
    const length = this.places.lengths[row]!;
    const bytes = new Uint8Array(PREFIX + length);
    const { bytesRead } = await this.file.read(bytes, 0, bytes.length, this.places.offsets[row]!);
    const prefix = new DataView(bytes.buffer).getUint32(0, true);
    if (bytesRead < bytes.length || prefix !== length) throw new DataError(this.damage(row));
    return bytes.subarray(PREFIX);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async imageOfGroup(row: number): Promise<Uint8Array> {
    const [start, end] = this.groups().find(([, end]) => row < end)!;
    if (this.held?.start !== start) this.held = { start, images: this.readImages(start, end) };
    const image = (await this.held.images)[row - start];
    if (!(image instanceof Uint8Array)) throw new DataError(this.damage(row));
    return image;
  }

  private async readImages(rowStart: number, rowEnd: number): Promise<(Uint8Array | undefined)[]> {
    const { buffer: file, metadata } = this;
    const columns = [IMAGE_COLUMN];
    const rows = await this.damaged(() =>
      parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, utf8: false }),
    );
    return rows.map((row) => row[IMAGE_COLUMN]?.[BYTES_FIELD]);
  }

  /** The first row and the end (excluded) of each row group. */
  private groups(): [start: number, end: number][] {
    let end = 0;
    return this.metadata.row_groups.map((group) => {
      const start = end;
      end += Number(group.num_rows);
      return [start, end];
    });
  }

  private async damaged<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DataError(`${this.path}: its rows cannot be read (${(error as Error).message})`, {
        cause: error,
      });
    }
  }

  private damage(row: number): string {
    return `${this.path}: expected the picture of its row ${row}, found something else; the file is damaged`;
  }
}

/**
 * The file's metadata without the column of bytes, since hyparquet reads a struct with all of its fields or not at all.
 */
function withoutImageBytes(metadata: FileMetaData): FileMetaData {
  const image = metadata.schema.findIndex(({ name }) => name === IMAGE_COLUMN);
  const fields = metadata.schema[image]?.num_children ?? 0;
  const bytes = metadata.schema.findIndex(
    ({ name }, i) => i > image && i <= image + fields && name === BYTES_FIELD,
  );
  if (image < 0 || bytes < 0) return metadata;
  return {
    ...metadata,
    schema: metadata.schema
      .map((element, i) => (i === image ? { ...element, num_children: fields - 1 } : element))
      .filter((_, i) => i !== bytes),
    row_groups: metadata.row_groups.map((group) => ({
      ...group,
      columns: group.columns.filter(
        ({ meta_data }) => meta_data?.path_in_schema.join('.') !== `${IMAGE_COLUMN}.${BYTES_FIELD}`,
      ),
    })),
  };
}
