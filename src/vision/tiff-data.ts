/**
 * Checks the deflated strips or tiles of a TIFF file's first page by their checksums, which libtiff never reads: it stops once
 * it has enough bytes. TIFF 6.0, sections 2, 3 and 15; Adobe, TIFF Technical Notes (deflate); BigTIFF; RFC 1950.
 */
import { createInflate } from 'node:zlib';

const TAGS = { compression: 259, offsets: [273, 324], lengths: [279, 325] } as const;
/** Adobe's number for it, and an older one. */
const DEFLATE = [8, 32_946];
/** The sizes in bytes of whole numbers by their types. */
const SIZES: Readonly<Record<number, number>> = { 3: 2, 4: 4, 16: 8 };
/** What is inflated of a file at most, in bytes: more than the pictures have that are decoded. */
const MOST_INFLATED = 2 ** 30;

/** Whether the checksum of a part, or what leads to it, is wrong; false for files of other compressions. */
export async function hasWrongChecksum(bytes: Uint8Array): Promise<boolean> {
  const tags = wholeNumbers(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
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

/** The whole numbers of the first page by their tags; empty if it cannot be read. */
function wholeNumbers(view: DataView): ReadonlyMap<number, readonly number[]> {
  const tags = new Map<number, readonly number[]>();
  const little = view.getUint8(0) === 0x49;
  const big = view.getUint16(2, little) === 43;
  const number = (at: number, size: number) => {
    if (size === 2) return view.getUint16(at, little);
    return size === 4 ? view.getUint32(at, little) : Number(view.getBigUint64(at, little));
  };
  const [word, count, entry] = big ? [8, 8, 20] : [4, 2, 12];
  try {
    const page = number(big ? 8 : 4, word);
    const entries = number(page, count);
    for (let at = page + count; at < page + count + entry * entries; at += entry) {
      const size = SIZES[number(at + 2, 2)];
      const length = number(at + 4, word);
      const value = at + 4 + word;
      if (size === undefined || length * size > view.byteLength) continue;
      const from = length * size <= word ? value : number(value, word);
      tags.set(
        number(at, 2),
        Array.from({ length }, (_, i) => number(from + i * size, size)),
      );
    }
  } catch (error) {
    // It ends too soon, which libtiff reports.
    if (!(error instanceof RangeError)) throw error;
  }
  return tags;
}
