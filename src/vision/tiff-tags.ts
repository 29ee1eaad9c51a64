/** The tags of a TIFF file's first page. TIFF 6.0, section 2; BigTIFF. */

/** The sizes in bytes of whole numbers by their types. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 };

/**
 * The whole numbers by their tags, as far as the file can be read. Those that together take more bytes than the file has are left
 * out: thousands of tags that each claim its whole would take hours.
 */
export function tiffTags(bytes: Uint8Array): ReadonlyMap<number, readonly number[]> {
  const tags = new Map<number, readonly number[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const little = view.getUint8(0) === 0x49;
    const big = view.getUint16(2, little) === 43;
    const number = (at: number, size: number) => {
      if (size === 1) return view.getUint8(at);
      if (size === 2) return view.getUint16(at, little);
      return size === 4 ? view.getUint32(at, little) : Number(view.getBigUint64(at, little));
    };
    const [word, count, entry] = big ? [8, 8, 20] : [4, 2, 12];
    const page = number(big ? 8 : 4, word);
    const end = page + count + entry * number(page, count);
    let left = view.byteLength;
    for (let at = page + count; at < end; at += entry) {
      const size = SIZES[number(at + 2, 2)];
      const length = number(at + 4, word);
      if (size === undefined || length * size > left) continue;
      left -= length * size;
      const value = at + 4 + word;
      const from = length * size <= word ? value : number(value, word);
      const values = Array.from({ length }, (_, i) => number(from + i * size, size));
      tags.set(number(at, 2), values);
    }
  } catch (error) {
    // It ends too soon, which the decoder reports.
    if (!(error instanceof RangeError)) throw error;
  }
  return tags;
}
