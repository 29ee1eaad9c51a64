/**
 * Whether the data of a WebP image have a hole of zeros, as if a part had never arrived: unlike other decoders, WebP's
 * decodes it to other pixels without a warning. RFC 9649.
 */

/** Longer than any run of zeros in the arithmetic or Huffman codes of a picture that shows something. */
const HOLE = Buffer.alloc(256);
const HEADER = 8;
/** The chunks of coded pixels. Those of an animation's frames hold them in turn. */
const CODED = ['VP8 ', 'VP8L'];

export function hasHole(bytes: Uint8Array): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + HEADER <= file.length; ) {
    const end = at + HEADER + file.readUInt32LE(at + 4);
    if (CODED.includes(file.toString('latin1', at, at + 4)) && file.subarray(at, end).includes(HOLE))
      return true;
    at = end + (end & 1);
  }
  return false;
}
