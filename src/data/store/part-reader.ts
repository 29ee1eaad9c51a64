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
    /** The number of rows. */
    readonly length: number,
    private readonly places: ImagePlaces | undefined,
    /** 100 bytes a row, so kept only if pictures are read by it; otherwise it is read again for labels. */
    private readonly kept: FileMetaData | undefined,
  ) {}

  /** @throws DataError for what is not a Parquet file */
  static async open(path: string): Promise<PartReader> {
    const file = await open(path, 'r');
    try {
      const buffer = await bufferOf(file, path);
      const metadata = await parquetMetadataAsync(buffer);
      const places = imagePlaces(metadata);
      const kept = places === undefined ? metadata : undefined;
      return new PartReader(path, file, buffer, Number(metadata.num_rows), places, kept);
    } catch (error) {
      await file.close();
      if (error instanceof DataError) throw error;
      throw new DataError(`${path}: expected a Parquet file, found a damaged or truncated one`, {
        cause: error,
      });
    }
  }

  /**
   * The rows as read by hyparquet, without picture bytes.
   * @param first counted within the file; the groups before it are not read
   */
  async *rows(first = 0): AsyncGenerator<Record<string, unknown>> {
    const whole = this.kept ?? (await this.damaged(() => parquetMetadataAsync(this.buffer)));
    const metadata = withoutImageBytes(whole);
    for (const [start, rowEnd] of groupsOf(whole)) {
      if (rowEnd <= first) continue;
      const rowStart = Math.max(start, first);
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
    const metadata = this.kept!;
    const [start, end] = groupsOf(metadata).find(([, end]) => row < end)!;
    if (this.held?.start !== start) this.held = { start, images: this.readImages(metadata, start, end) };
    const image = (await this.held.images)[row - start];
    if (!(image instanceof Uint8Array)) throw new DataError(this.damage(row));
    return image;
  }

  private async readImages(
    metadata: FileMetaData,
    rowStart: number,
    rowEnd: number,
  ): Promise<(Uint8Array | undefined)[]> {
    const { buffer: file } = this;
    const columns = [IMAGE_COLUMN];
    const rows = await this.damaged(() =>
      parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, utf8: false }),
    );
    return rows.map((row) => row[IMAGE_COLUMN]?.[BYTES_FIELD]);
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

/** The first row and the end (excluded) of each row group. */
function groupsOf({ row_groups }: FileMetaData): [start: number, end: number][] {
  let end = 0;
  return row_groups.map((group) => {
    const start = end;
    end += Number(group.num_rows);
    return [start, end];
  });
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
