/** Properties of a TIFF file that decide how, or whether, it is decoded. TIFF 6.0, sections 2 and 18. */

const EXTRA_SAMPLES = 338;
/** The size of a directory entry in bytes. */
const ENTRY = 12;

/**
 * Whether the first page of a classic TIFF has extra channels of unspecified meaning, which must not be taken for
 * transparency.
 */
export function hasUnspecifiedChannel(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 8) return false;
  const little = view.getUint8(0) === 0x49;
  if (view.getUint16(2, little) !== 42) return false;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return false;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + ENTRY * i;
    if (entry + ENTRY > view.byteLength) return false;
    if (view.getUint16(entry, little) === EXTRA_SAMPLES) return view.getUint16(entry + 8, little) === 0;
  }
  return false;
}
