/**
 * Checks the codes of a GIF file's first frame: the decoder takes what follows damage for other pixels, and passes over what
 * is left, without a warning. CompuServe, GIF89a, sections 20 and 22 and appendix F.
 */
import { codesGive, LONGEST_CODE } from './lzw.js';

const [EXTENSION, IMAGE] = [0x21, 0x2c];

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
      const valueBits = file[start] ?? 0;
      return valueBits < LONGEST_CODE && codesGive(data, pixels, { valueBits, highFirst: false, early: 0 });
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
