/** How large the pictures of a store are, by their headers: nothing is decoded. */
import { imageHeader, plainJpegSize } from '../../vision/node.js';
import { severalAtOnce } from '../at-once.js';
import { spread, Tally } from './tally.js';
import type { PictureSizes } from './types.js';

/** Pictures processed concurrently; headers are read in libuv's threads. */
const AT_ONCE = 8;
const MOST_SIZES = 8;

/**
 * @param image the encoded picture of a row
 * @param onPicture called with the number of pictures examined
 */
export async function pictureSizes(
  rows: number,
  image: (row: number) => Promise<Uint8Array>,
  onPicture: (done: number) => void,
  signal?: AbortSignal,
): Promise<PictureSizes> {
  const [widths, heights] = [new Uint32Array(rows), new Uint32Array(rows)];
  const bytes = new Float64Array(rows);
  const [sizes, formats] = [new Tally(), new Tally()];
  const unreadable: number[] = [];
  let [done, totalBytes] = [0, 0];
  await severalAtOnce(bytes.keys(), AT_ONCE, async (row) => {
    signal?.throwIfAborted();
    const picture = await image(row);
    bytes[row] = picture.length;
    totalBytes += picture.length;
    try {
      const { width, height, format } = await header(picture);
      widths[row] = width;
      heights[row] = height;
      sizes.add(`${width} × ${height}`);
      formats.add(format);
    } catch {
      unreadable.push(row);
    }
    onPicture(++done);
  });
  return {
    width: spread(widths.filter((width) => width > 0)),
    height: spread(heights.filter((height) => height > 0)),
    bytes: spread(bytes),
    totalBytes,
    frequent: sizes.named(MOST_SIZES),
    distinct: sizes.size,
    formats: formats.named(),
    unreadable: unreadable.sort((a, b) => a - b),
  };
}

/** Most pictures are plain JPEG files, whose size is read without sharp. */
async function header(picture: Uint8Array): Promise<{ width: number; height: number; format: string }> {
  const plain = plainJpegSize(picture);
  return plain ? { ...plain, format: 'jpeg' } : imageHeader(picture);
}
