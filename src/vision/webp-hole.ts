/**
 * Whether the data of a WebP image have a hole of zeros, as if a part had never arrived: unlike other decoders, WebP's
 * decodes it to other pixels without a warning. A shorter hole, or other damage, is not recognized: the format has no checksum,
 * and nearly any bytes are legal codes. RFC 9649.
 */

/** Longer than any run of zeros in the codes of a picture that shows something ... */
const HOLE = 256;
/** ... unless so many pixels per zero are of one colour: libwebp's codes have a zero for some 10,000 of them. */
const EVEN_PIXELS = 6000;
const HEADER = 8;
/** The chunks of coded pixels. Those of an animation's frames hold them in turn. */
const CODED = ['VP8 ', 'VP8L'];

/** @param pixels how many the picture has */
export function hasHole(bytes: Uint8Array, pixels: number): boolean {
  const hole = Buffer.alloc(Math.max(HOLE, Math.ceil(pixels / EVEN_PIXELS)));
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 12; at + HEADER <= file.length; ) {
    const end = at + HEADER + file.readUInt32LE(at + 4);
    if (CODED.includes(file.toString('latin1', at, at + 4)) && file.subarray(at, end).includes(hole))
      return true;
    at = end + (end & 1);
  }
  return false;
}
