/**
 * Checks the codes of a GIF file's first frame: the decoder takes what follows damage for other pixels, and passes over what
 * is left, without a warning. CompuServe, GIF89a, sections 20 and 22 and appendix F.
 */

const [EXTENSION, IMAGE] = [0x21, 0x2c];
/** The longest code in bits. */
const LONGEST = 12;

/** Whether the codes of the first frame are legal and give exactly its pixels; true for a file that ends before. */
export function firstFrameIsWhole(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 13 + tableSize(file[10]); at + 10 < file.length; ) {
    if (file[at] === EXTENSION) {
      at = subBlocks(file, at + 2).end;
    } else if (file[at] === IMAGE) {
      const pixels = file.readUInt16LE(at + 5) * file.readUInt16LE(at + 7);
      const start = at + 10 + tableSize(file[at + 9]);
      const data = Buffer.concat(subBlocks(file, start + 1).blocks);
      return codesAreWhole(data, file[start] ?? 0, pixels);
    } else break;
  }
  return true;
}

/** The size in bytes of the colour table that a byte of flags announces. */
const tableSize = (flags = 0): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

function subBlocks(file: Buffer, start: number): { readonly blocks: Buffer[]; readonly end: number } {
  const blocks: Buffer[] = [];
  let at = start;
  for (; at < file.length && file[at] !== 0; at += 1 + file[at]!)
    blocks.push(file.subarray(at + 1, at + 1 + file[at]!));
  return { blocks, end: at + 1 };
}

/** Follows the lengths of the strings that the codes stand for. */
function codesAreWhole(data: Buffer, colourBits: number, pixels: number): boolean {
  if (colourBits >= LONGEST) return false;
  const clear = 2 ** colourBits;
  const end = clear + 1;
  const lengths = new Uint32Array(2 ** LONGEST).fill(1, 0, clear);
  let [size, next, last] = [colourBits + 1, clear + 2, -1];
  let [bits, count, left] = [0, 0, pixels];
  for (let at = 0; ; ) {
    while (count < size && at < data.length) {
      bits |= data[at++]! << count;
      count += 8;
    }
    // Some encoders leave the end out.
    if (count < size) return left === 0;
    const code = bits & (2 ** size - 1);
    bits >>>= size;
    count -= size;
    if (code === end) return left === 0;
    if (code === clear) {
      [size, next, last] = [colourBits + 1, clear + 2, -1];
      continue;
    }
    if (code > next || (code === next && last < 0)) return false;
    const grown = last < 0 ? 0 : lengths[last]! + 1;
    left -= code === next ? grown : lengths[code]!;
    if (left < 0) return false;
    if (last >= 0 && next < 2 ** LONGEST) {
      lengths[next++] = grown;
      if (next === 2 ** size && size < LONGEST) size++;
    }
    last = code;
  }
}
