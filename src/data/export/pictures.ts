/** A store's pictures as pixels, many at a time. */
import { resizeImage } from '../../vision/index.js';
import { decodeImage } from '../../vision/node.js';
import { severalAtOnce } from '../at-once.js';
import type { Store, StoreRow } from '../store/index.js';

/** Pictures decoded concurrently: as many as libuv has threads. */
const AT_ONCE = 4;

export interface PictureBatch {
  /** Rows in the order of the store. */
  readonly rows: readonly StoreRow[];
  /** `[rows, size, size, 3]`, red first. */
  readonly pixels: Uint8Array;
  /** Width and height of each picture before it was resized. */
  readonly sizes: readonly { readonly width: number; readonly height: number }[];
}

/**
 * The rows accepted by `accepts`, at most `length` at a time, with pictures resized to squares of `size` pixels: others
 * are distorted, as in systems that read pictures at a fixed size.
 * @throws ImageError for a picture that cannot be decoded.
 */
export async function* pictureBatches(
  store: Store,
  options: {
    readonly size: number;
    readonly length: number;
    readonly accepts?: (row: StoreRow) => boolean;
    readonly signal?: AbortSignal | undefined;
  },
): AsyncIterable<PictureBatch> {
  const { size, length, accepts = () => true, signal } = options;
  let rows: StoreRow[] = [];
  for await (const row of store.rows()) {
    if (!accepts(row)) continue;
    rows.push(row);
    if (rows.length < length) continue;
    yield await decode(store, rows, size, signal);
    rows = [];
  }
  if (rows.length > 0) yield await decode(store, rows, size, signal);
}

async function decode(
  store: Store,
  rows: readonly StoreRow[],
  size: number,
  signal: AbortSignal | undefined,
): Promise<PictureBatch> {
  const pixels = new Uint8Array(rows.length * size * size * 3);
  const sizes: { width: number; height: number }[] = new Array(rows.length);
  await severalAtOnce(rows, AT_ONCE, async (row, i) => {
    signal?.throwIfAborted();
    const image = await decodeImage(await store.image(row.index), { name: `${store.folder}: ${row.path}` });
    const resized = image.width === size && image.height === size ? image : resizeImage(image, size, size);
    pixels.set(resized.data, i * size * size * 3);
    sizes[i] = { width: image.width, height: image.height };
  });
  return { rows, pixels, sizes };
}
