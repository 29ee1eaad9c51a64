/**
 * The positions of pictures in a Parquet file.
 *
 * A plain page holds byte arrays one after another, each preceded by its length in 4 bytes, so that positions follow
 * from the lengths. These are stored in the footer, under our own key, as 4 bytes per row in base64: finding them in
 * the pages would mean reading nearly the whole file.
 */
import type { FileMetaData, RowGroup } from 'hyparquet';
import { BYTES_FIELD, IMAGE_COLUMN } from './columns.js';

export const LENGTHS_KEY = 'agewise:image_lengths';

/** Bytes of the length in front of each value. */
export const PREFIX = 4;

export interface ImagePlaces {
  /** The file offset of each picture's length, which the picture follows. */
  readonly offsets: Float64Array;
  readonly lengths: Uint32Array;
}

export function encodeLengths(lengths: readonly number[]): string {
  const bytes = Buffer.alloc(4 * lengths.length);
  lengths.forEach((length, i) => {
    bytes.writeUInt32LE(length, 4 * i);
  });
  return bytes.toString('base64');
}

function decodeLengths(text: string): Uint32Array {
  const bytes = Buffer.from(text, 'base64');
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32LE(4 * i));
}

/** Undefined if the file's pages have another layout than ours. */
export function imagePlaces(metadata: FileMetaData): ImagePlaces | undefined {
  const entry = metadata.key_value_metadata?.find(({ key }) => key === LENGTHS_KEY);
  if (entry?.value === undefined) return undefined;
  const lengths = decodeLengths(entry.value);
  if (lengths.length !== Number(metadata.num_rows)) return undefined;
  const offsets = new Float64Array(lengths.length);
  let row = 0;
  for (const group of metadata.row_groups) {
    const end = plainEnd(group);
    if (end === undefined) return undefined;
    const next = row + Number(group.num_rows);
    let offset = end;
    for (let i = next - 1; i >= row; i--) {
      offset -= PREFIX + lengths[i]!;
      offsets[i] = offset;
    }
    row = next;
  }
  return { offsets, lengths };
}

/** The end of a row group's pictures, if they are plain and uncompressed. */
function plainEnd(group: RowGroup): number | undefined {
  const chunk = group.columns.find(
    ({ meta_data }) => meta_data?.path_in_schema.join('.') === `${IMAGE_COLUMN}.${BYTES_FIELD}`,
  )?.meta_data;
  const plain =
    chunk?.codec === 'UNCOMPRESSED' &&
    chunk.dictionary_page_offset === undefined &&
    chunk.encodings.every((encoding) => encoding === 'PLAIN');
  return plain ? Number(chunk.data_page_offset + chunk.total_compressed_size) : undefined;
}
