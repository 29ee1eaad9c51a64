/**
 * EXIF data that lead in a circle, over which a decoder loses seconds: recognized, and replaced by their orientation alone, in the
 * containers that carry them. CIPA DC-008, Exif (a TIFF structure); W3C PNG 3, 11.3.4.5 (eXIf); RFC 9649 (WebP).
 */
import { crc32 } from 'node:zlib';

/** 'Exif' and two zeros, which may come before the TIFF structure. */
const EXIF = Buffer.from('Exif\0\0', 'latin1');
/** Tags that point to further directories: Exif, GPS, interoperability. */
const POINTERS = [0x8769, 0x8825, 0xa005];
const ORIENTATION = 0x0112;
/** The size of a directory entry in bytes. */
const ENTRY = 12;

/** The data without what is read of them before their TIFF structure; undefined if they are too short for one. */
function tiffView(exif: Uint8Array): DataView | undefined {
  const start = EXIF.every((byte, i) => exif[i] === byte) ? EXIF.length : 0;
  const length = exif.byteLength - start;
  return length < 8 ? undefined : new DataView(exif.buffer, exif.byteOffset + start, length);
}

const isLittleEndian = (view: DataView): boolean => view.getUint8(0) === 0x49;

/** Data of the orientation alone, if a directory is referenced twice; undefined for others. */
export function withoutCircle(exif: Uint8Array): Uint8Array | undefined {
  const view = tiffView(exif);
  return view && isEndless(view) ? exifOfOrientation(orientationOf(view)) : undefined;
}

/** Whether a reader that follows all pointers may never end. */
function isEndless(view: DataView): boolean {
  const little = isLittleEndian(view);
  const seen = new Set<number>();
  const waiting = [view.getUint32(4, little)];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    if (directory + 2 > view.byteLength) continue;
    if (seen.has(directory)) return true;
    seen.add(directory);
    const entries = view.getUint16(directory, little);
    for (let i = 0; i < entries; i++) {
      const entry = directory + 2 + ENTRY * i;
      if (entry + ENTRY > view.byteLength) break;
      if (POINTERS.includes(view.getUint16(entry, little))) waiting.push(view.getUint32(entry + 8, little));
    }
    const next = directory + 2 + ENTRY * entries;
    if (next + 4 <= view.byteLength) {
      const offset = view.getUint32(next, little);
      if (offset > 0) waiting.push(offset);
    }
  }
  return false;
}

/** The first directory's orientation, 1 to 8; 1 (upright) if it has none. */
function orientationOf(view: DataView): number {
  const little = isLittleEndian(view);
  const directory = view.getUint32(4, little);
  if (directory + 2 > view.byteLength) return 1;
  for (let i = 0; i < view.getUint16(directory, little); i++) {
    const entry = directory + 2 + ENTRY * i;
    if (entry + ENTRY > view.byteLength) return 1;
    if (view.getUint16(entry, little) === ORIENTATION) return view.getUint16(entry + 8, little);
  }
  return 1;
}

function exifOfOrientation(orientation: number): Uint8Array {
  const tiff = new DataView(new ArrayBuffer(8 + 2 + ENTRY + 4));
  tiff.setUint16(0, 0x4d4d);
  tiff.setUint16(2, 42);
  tiff.setUint32(4, 8);
  tiff.setUint16(8, 1);
  tiff.setUint16(10, ORIENTATION);
  // One 16-bit number.
  tiff.setUint16(12, 3);
  tiff.setUint32(14, 1);
  tiff.setUint16(18, orientation);
  return new Uint8Array(tiff.buffer);
}

/** A PNG or WebP file without circles in its EXIF data; the same bytes if it has none. */
export function withoutExifCircles(bytes: Uint8Array, format: 'PNG' | 'WebP'): Uint8Array {
  const { first, type, chunk } = CONTAINERS[format];
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const { name, from, to, data } of chunks(file, first, format)) {
    const plain = name === type ? withoutCircle(data) : undefined;
    if (plain === undefined) continue;
    const repaired = Buffer.concat([file.subarray(0, from), chunk(plain), file.subarray(to)]);
    if (format === 'WebP') repaired.writeUInt32LE(repaired.length - 8, 4);
    return repaired;
  }
  return bytes;
}

function* chunks(file: Buffer, first: number, format: 'PNG' | 'WebP') {
  for (let from = first; from + 8 <= file.length; ) {
    const png = format === 'PNG';
    const length = png ? file.readUInt32BE(from) : file.readUInt32LE(from + 4);
    const name = file.toString('latin1', png ? from + 4 : from, png ? from + 8 : from + 4);
    // A checksum, or a byte that makes the length even.
    const to = from + 8 + length + (png ? 4 : length & 1);
    yield { name, from, to, data: file.subarray(from + 8, from + 8 + length) };
    from = to;
  }
}

const CONTAINERS = {
  PNG: { first: 8, type: 'eXIf', chunk: pngChunk },
  WebP: { first: 12, type: 'EXIF', chunk: webpChunk },
} as const;

function pngChunk(data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from('eXIf', 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

function webpChunk(data: Uint8Array): Buffer {
  const header = Buffer.from('EXIF\0\0\0\0', 'latin1');
  header.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, data]);
}
