/**
 * Checks the deflated strips or tiles of a TIFF file's first page by their checksums, which libtiff never reads: it stops once
 * it has enough bytes. TIFF 6.0, sections 3 and 15; Adobe, TIFF Technical Notes (deflate); RFC 1950.
 */
import { createInflate } from 'node:zlib';
import { tiffTags } from './tiff-tags.js';

const TAGS = { compression: 259, offsets: [273, 324], lengths: [279, 325] } as const;
/** Adobe's number for it, and an older one. */
const DEFLATE = [8, 32_946];
/** What is inflated of a file at most, in bytes: more than the pictures have that are decoded. */
const MOST_INFLATED = 2 ** 30;

/** Whether the checksum of a part, or what leads to it, is wrong; false for files of other compressions. */
export async function hasWrongChecksum(bytes: Uint8Array): Promise<boolean> {
  const tags = tiffTags(bytes);
  if (!DEFLATE.includes(tags.get(TAGS.compression)?.[0] ?? 0)) return false;
  const numbers = (names: readonly number[]) => names.flatMap((tag) => tags.get(tag) ?? []);
  const lengths = numbers(TAGS.lengths);
  const room = { left: MOST_INFLATED };
  for (const [i, from] of numbers(TAGS.offsets).entries()) {
    if (await inflatesWrongly(bytes.subarray(from, from + (lengths[i] ?? 0)), room)) return true;
  }
  return false;
}

/** Data that are cut off are not wrong: libtiff says so if it needs the rest. */
function inflatesWrongly(part: Uint8Array, room: { left: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const inflate = createInflate();
    inflate.on('data', ({ length }: Buffer) => {
      room.left -= length;
      if (room.left > 0) return;
      inflate.destroy();
      resolve(false);
    });
    inflate.on('end', () => resolve(false));
    inflate.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'Z_DATA_ERROR'));
    inflate.end(part);
  });
}
