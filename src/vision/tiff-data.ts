/**
 * Checks the compressed strips or tiles of a TIFF file's first page, of which libtiff reads no more than it needs: deflated
 * ones by their checksums, those of LZW by how much they give. TIFF 6.0, sections 3, 13 and 15; Adobe, TIFF Technical Notes
 * (deflate); RFC 1950.
 */
import { createInflate } from 'node:zlib';
import { codesGive } from './lzw.js';
import { tiffTags } from './tiff-tags.js';

const TAGS = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  colours: 262,
  fillOrder: 266,
  offsets: [273, 324],
  channels: 277,
  rows: 278,
  lengths: [279, 325],
  planes: 284,
  tileWidth: 322,
  tileHeight: 323,
} as const;
const LZW = 5;
const LZW_FORM = { valueBits: 8, highFirst: true, early: 1 } as const;
/** Colours that may have fewer values than pixels. */
const YCBCR = 6;
/** The number of planes' tag if each channel has strips of its own. */
const SEPARATE = 2;
/** Adobe's number for it, and an older one. */
const DEFLATE = [8, 32_946];
/** What is inflated of a file at most, in bytes: more than the pictures have that are decoded. */
const MOST_INFLATED = 2 ** 30;
/** Bytes of codes that are followed at most: parts that overlap may have many more than their file. */
const MOST_CODES = 2 ** 28;

/** Whether a part's data are wrong; false for files of other compressions, and for deflated parts that are cut off. */
export async function hasWrongData(bytes: Uint8Array): Promise<boolean> {
  const tags = tiffTags(bytes);
  const compression = tags.get(TAGS.compression)?.[0] ?? 0;
  const numbers = (names: readonly number[]) => names.flatMap((tag) => tags.get(tag) ?? []);
  const lengths = numbers(TAGS.lengths);
  const parts = numbers(TAGS.offsets).map((from, i) => bytes.subarray(from, from + (lengths[i] ?? 0)));
  if (compression === LZW) return hasWrongCodes(tags, parts);
  if (!DEFLATE.includes(compression)) return false;
  const room = { left: MOST_INFLATED };
  for (const part of parts) if (await inflatesWrongly(part, room)) return true;
  return false;
}

/** Whether strips or tiles give another number of bytes than they hold. The last strip may be filled up. */
function hasWrongCodes(tags: ReadonlyMap<number, readonly number[]>, parts: readonly Uint8Array[]): boolean {
  const number = (tag: number, otherwise: number) => tags.get(tag)?.[0] ?? otherwise;
  if (number(TAGS.colours, 0) === YCBCR || number(TAGS.fillOrder, 1) !== 1) return false;
  if (parts.reduce((sum, { length }) => sum + length, 0) > MOST_CODES) return false;
  const [width, height] = [number(TAGS.width, 0), number(TAGS.height, 0)];
  const channels = number(TAGS.planes, 1) === SEPARATE ? 1 : number(TAGS.channels, 1);
  const bytesOf = (columns: number, rows: number) =>
    rows * Math.ceil((columns * channels * number(TAGS.bits, 1)) / 8);
  const isTiled = tags.has(TAGS.tileWidth);
  const rows = isTiled ? number(TAGS.tileHeight, 0) : Math.min(number(TAGS.rows, height), height);
  const full = bytesOf(isTiled ? number(TAGS.tileWidth, 0) : width, rows);
  const perPlane = Math.ceil(height / rows);
  return parts.some((part, i) => {
    // Before TIFF 6.0, codes began at a byte's lowest bit.
    if (part.length < 2 || (part[0] === 0 && (part[1]! & 1) === 1)) return false;
    if (codesGive(part, full, LZW_FORM)) return false;
    const last = height - rows * (perPlane - 1);
    return isTiled || i % perPlane !== perPlane - 1 || !codesGive(part, bytesOf(width, last), LZW_FORM);
  });
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
