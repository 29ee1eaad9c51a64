/**
 * The data elements that a Level 5 MAT-file is built of.
 *
 * Source: The MathWorks, "MAT-File Format" (R2014a and later, the same since MATLAB 7), chapter 1, "Level 5 MAT-File
 * Format": sections "MAT-File Data Types" for the numbers of types, "Data Element Format" with "Small Data Element
 * Format" for tags, "Padding" for the 64-bit boundaries.
 */
import { endianness } from 'node:os';
import { DataError } from '../../types.js';
import { type Bytes, EndOfBytes } from './bytes.js';

/** Section "MAT-File Data Types". */
export const TYPE = {
  int8: 1,
  uint8: 2,
  int16: 3,
  uint16: 4,
  int32: 5,
  uint32: 6,
  single: 7,
  double: 9,
  int64: 12,
  uint64: 13,
  matrix: 14,
  compressed: 15,
  utf8: 16,
  utf16: 17,
  utf32: 18,
} as const;

const NAMES = new Map<number, string>(Object.entries(TYPE).map(([name, type]) => [type, name]));

/** A type's name in errors. */
export const typeName = (type: number): string => NAMES.get(type) ?? `type ${type}`;

/** The position of an element's data and of the next element. */
export interface Element {
  readonly type: number;
  readonly data: number;
  readonly size: number;
  readonly next: number;
}

/** Bytes of a tag, and what elements are padded to. */
export const TAG = 8;

/**
 * Reads the tag at `position` of what ends at `end`.
 * @param where what an error calls the place: the file and the variable
 */
export function readElement(bytes: Bytes, position: number, end: number, where: string): Element {
  if (position + TAG > end) throw truncated(where);
  const word = word32(bytes, position, where);
  // A number of bytes in the upper half of what is otherwise the type marks the small format: at most four
  // bytes of data, which take the place of the size.
  const small = word >>> 16;
  if (small > 4) throw new DataError(`${where}: expected a tag, found ${hex(word)}; the file is corrupt`);
  if (small > 0) {
    return { type: word & 0xffff, data: position + 4, size: small, next: position + TAG };
  }
  const size = word32(bytes, position + 4, where);
  const data = position + TAG;
  if (data + size > end) throw truncated(where);
  // Compressed elements are not padded; all others are.
  const padded = word === TYPE.compressed ? size : Math.ceil(size / TAG) * TAG;
  return { type: word, data, size, next: Math.min(data + padded, end) };
}

function word32(bytes: Bytes, position: number, where: string): number {
  try {
    return bytes.uint32(position);
  } catch (error) {
    throw readingFailed(error, where);
  }
}

export const truncated = (where: string) =>
  new DataError(`${where}: expected more bytes, found the end; the file is truncated or corrupt`);

/** Converts a read failure: running past the end and disk errors are reported about the file. */
export function readingFailed(error: unknown, where: string): Error {
  if (error instanceof EndOfBytes) return truncated(where);
  return new DataError(`${where}: expected to read it, found ${(error as Error).message}`);
}

const hex = (word: number) => `0x${word.toString(16).padStart(8, '0')}`;

/** Bytes of one number of each numeric type. */
const WIDTHS = new Map<number, 1 | 2 | 4 | 8>([
  [TYPE.int8, 1],
  [TYPE.uint8, 1],
  [TYPE.int16, 2],
  [TYPE.uint16, 2],
  [TYPE.int32, 4],
  [TYPE.uint32, 4],
  [TYPE.single, 4],
  [TYPE.double, 8],
  [TYPE.int64, 8],
  [TYPE.uint64, 8],
  [TYPE.utf8, 1],
  [TYPE.utf16, 2],
  [TYPE.utf32, 4],
]);

export const width = (type: number): 1 | 2 | 4 | 8 | undefined => WIDTHS.get(type);

/** The element's data in the byte order of this machine, at the start of a buffer of their own. */
export function elementBytes(bytes: Bytes, element: Element, where: string): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(element.size);
  try {
    bytes.read(element.data, data);
  } catch (error) {
    throw readingFailed(error, where);
  }
  const size = width(element.type);
  if (size && size > 1 && bytes.littleEndian !== HOST_LITTLE_ENDIAN) {
    if (element.size % size !== 0) throw truncated(where);
    const buffer = Buffer.from(data.buffer);
    if (size === 2) buffer.swap16();
    else if (size === 4) buffer.swap32();
    else buffer.swap64();
  }
  return data;
}

const HOST_LITTLE_ENDIAN = endianness() === 'LE';

/** The numbers of an element. Integers of 64 bits are exact up to 2⁵³. */
export function elementNumbers(bytes: Bytes, element: Element, where: string): Float64Array {
  const size = width(element.type);
  if (!size || element.type >= TYPE.utf8) {
    throw new DataError(`${where}: expected numbers, found ${typeName(element.type)}`);
  }
  if (element.size % size !== 0) throw truncated(where);
  const { buffer } = elementBytes(bytes, element, where);
  switch (element.type) {
    case TYPE.int8:
      return new Float64Array(new Int8Array(buffer));
    case TYPE.uint8:
      return new Float64Array(new Uint8Array(buffer));
    case TYPE.int16:
      return new Float64Array(new Int16Array(buffer));
    case TYPE.uint16:
      return new Float64Array(new Uint16Array(buffer));
    case TYPE.int32:
      return new Float64Array(new Int32Array(buffer));
    case TYPE.uint32:
      return new Float64Array(new Uint32Array(buffer));
    case TYPE.single:
      return new Float64Array(new Float32Array(buffer));
    case TYPE.int64:
      return Float64Array.from(new BigInt64Array(buffer), Number);
    case TYPE.uint64:
      return Float64Array.from(new BigUint64Array(buffer), Number);
    default:
      return new Float64Array(buffer);
  }
}
