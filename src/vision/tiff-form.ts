/** Properties of a TIFF file that decide how, or whether, it is decoded. TIFF 6.0, sections 2 and 18. */

const TAGS = {
  kind: 254,
  colours: 262,
  subdirectories: 330,
  extraSamples: 338,
  dngVersion: 50_706,
} as const;
/** The bit of `kind` by which a directory is a smaller version of another's picture. */
const REDUCED = 1;
/** A camera's own colours: of a mosaic (ISO 12234-2), and of DNG's LinearRaw. */
const RAW_COLOURS = [32_803, 34_892];
/** The size of a directory entry in bytes. */
const ENTRY = 12;
/** What Canon's CR2 has after its header. */
const CANON = 'CR';

/**
 * Whether the first page of a classic TIFF has extra channels of unspecified meaning, which must not be taken for
 * transparency.
 */
export const hasUnspecifiedChannel = (bytes: Uint8Array): boolean =>
  firstValues(bytes).get(TAGS.extraSamples) === 0;

/** Whether it is a raw photograph of a camera (DNG, NEF, ARW, CR2, PEF, …), whose first page is often a small preview. */
export function isRawPhotograph(bytes: Uint8Array): boolean {
  if (String.fromCharCode(...bytes.subarray(8, 10)) === CANON) return true;
  const values = firstValues(bytes);
  if (values.has(TAGS.dngVersion) || RAW_COLOURS.includes(values.get(TAGS.colours)!)) return true;
  return ((values.get(TAGS.kind) ?? 0) & REDUCED) !== 0 && values.has(TAGS.subdirectories);
}

/** The first page's tags with their first values, those of 16 and 32 bits, or 0; empty if it cannot be read. */
function firstValues(bytes: Uint8Array): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 8) return values;
  const little = view.getUint8(0) === 0x49;
  if (view.getUint16(2, little) !== 42) return values;
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return values;
  const entries = view.getUint16(directory, little);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + ENTRY * i;
    if (entry + ENTRY > view.byteLength) return values;
    const isLong = view.getUint16(entry + 2, little) === 4;
    const value = isLong ? view.getUint32(entry + 8, little) : view.getUint16(entry + 8, little);
    values.set(view.getUint16(entry, little), value);
  }
  return values;
}
