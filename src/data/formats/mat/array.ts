/**
 * A MATLAB array that is read on demand: a struct of half a million rows costs only the positions of its cells.
 *
 * Source: The MathWorks, "MAT-File Format", chapter 1: sections "MATLAB Array Types (Classes)" for the numbers of
 * classes, "Numeric Array and Character Array Data Element Formats" for the subelements that all arrays begin with
 * (array flags, dimensions, name), "Cell Array Data Element Format", "Structure MAT-File Data Element Format".
 */
import { DataError } from '../../types.js';
import type { Bytes } from './bytes.js';
import {
  type Element,
  elementBytes,
  elementNumbers,
  readElement,
  readingFailed,
  TAG,
  TYPE,
  truncated,
  typeName,
} from './elements.js';

/** Section "MATLAB Array Types (Classes)", and two that it leaves out. */
const CLASSES = new Map<number, string>([
  [1, 'cell'],
  [2, 'struct'],
  [3, 'object'],
  [4, 'char'],
  [5, 'sparse'],
  [6, 'double'],
  [7, 'single'],
  [8, 'int8'],
  [9, 'uint8'],
  [10, 'int16'],
  [11, 'uint16'],
  [12, 'int32'],
  [13, 'uint32'],
  [14, 'int64'],
  [15, 'uint64'],
  [16, 'function handle'],
  [17, 'opaque object'],
]);

const FIRST_NUMERIC = 6;
const LAST_NUMERIC = 15;
const COMPLEX = 0x0800;
const LOGICAL = 0x0200;

/** The common header of all arrays. */
export interface ArrayHead {
  /** As in the file; empty inside another array. */
  readonly name: string;
  readonly classNumber: number;
  readonly flags: number;
  readonly dimensions: readonly number[];
  /** Where the subelements that depend on the class begin. */
  readonly content: number;
}

const EMPTY: Omit<ArrayHead, 'content'> = { name: '', classNumber: 6, flags: 0, dimensions: [0, 0] };

/**
 * Reads flags, dimensions and name of an array whose data lie in `position..end`.
 * @throws DataError if they are not those of an array.
 */
export function readHead(bytes: Bytes, position: number, end: number, where: string): ArrayHead {
  // Cells and fields to which nothing was assigned are written as an element without data.
  if (position === end) return { ...EMPTY, content: end };
  const flags = readElement(bytes, position, end, where);
  if (flags.type !== TYPE.uint32 || flags.size !== 8) {
    throw new DataError(`${where}: expected array flags, found ${typeName(flags.type)}; the file is corrupt`);
  }
  const word = bytes.uint32(flags.data);
  const classNumber = word & 0xff;
  // The format's description does not document the layout of these two after the flags.
  if (classNumber === 16 || classNumber === 17) {
    return { name: '', classNumber, flags: word, dimensions: [], content: flags.next };
  }
  const sizes = readElement(bytes, flags.next, end, where);
  if (sizes.type !== TYPE.int32 || sizes.size < 8 || sizes.size % 4 !== 0) {
    throw new DataError(`${where}: expected dimensions, found ${typeName(sizes.type)}; the file is corrupt`);
  }
  const dimensions: number[] = [];
  for (let at = 0; at < sizes.size; at += 4) {
    const dimension = bytes.int32(sizes.data + at);
    if (dimension < 0) throw new DataError(`${where}: expected a dimension of 0 or more, found ${dimension}`);
    dimensions.push(dimension);
  }
  const label = readElement(bytes, sizes.next, end, where);
  const name = label.size === 0 ? '' : Buffer.from(elementBytes(bytes, label, where)).toString('utf8');
  return { name, classNumber, flags: word, dimensions, content: label.next };
}

export class MatArray {
  private places: Float64Array | undefined;
  private names: readonly string[] | undefined;

  /** @param where the array's name in errors: the file, the variable and the path inside it */
  constructor(
    private readonly bytes: Bytes,
    private readonly head: ArrayHead,
    private readonly end: number,
    readonly where: string,
  ) {}

  /** `double`, `struct`, ... */
  get class(): string {
    return CLASSES.get(this.head.classNumber) ?? `class ${this.head.classNumber}`;
  }

  /** Rows, columns, and further dimensions; elements are in column-major order. */
  get dimensions(): readonly number[] {
    return this.head.dimensions;
  }

  /** How many elements it has. */
  get length(): number {
    return this.head.dimensions.reduce((product, dimension) => product * dimension, 1);
  }

  /** Whether it consists of booleans, which `numbers` returns as 1 and 0. */
  get logical(): boolean {
    return (this.head.flags & LOGICAL) !== 0;
  }

  /**
   * All numbers, in column-major order, converted from any stored type: MATLAB stores integral doubles as short
   * integers. Integers of 64 bits are exact up to 2⁵³.
   * @throws DataError if it is not made of real numbers.
   */
  numbers(): Float64Array {
    const numbers = elementNumbers(this.bytes, this.numericElement(), this.where);
    if (numbers.length !== this.length) {
      throw this.unexpected(`${this.length} numbers`, `${numbers.length}`);
    }
    return numbers;
  }

  /**
   * Copies numbers that are stored as `uint8` without reading those around them, `into.length` of them from number
   * `start` on.
   * @throws DataError if they are stored as anything else.
   */
  copyBytes(start: number, into: Uint8Array): void {
    const element = this.numericElement();
    if (element.type !== TYPE.uint8) throw this.unexpected('numbers of type uint8', typeName(element.type));
    if (start + into.length > element.size) throw truncated(this.where);
    try {
      this.bytes.readApart(element.data + start, into);
    } catch (error) {
      throw readingFailed(error, this.where);
    }
  }

  /**
   * A line of text; the empty string for arrays without elements, as MATLAB writes empty names.
   * @throws DataError if it is not a text, or has several lines.
   */
  text(): string {
    if (this.length === 0) return '';
    if (this.class !== 'char') throw this.unexpected('text', this.description);
    if (this.head.dimensions[0] !== 1) throw this.unexpected('one line of text', this.description);
    const element = readElement(this.bytes, this.head.content, this.end, this.where);
    const encoding = ENCODINGS.get(element.type);
    if (!encoding) throw this.unexpected('characters', typeName(element.type));
    const data = elementBytes(this.bytes, element, this.where);
    try {
      return encoding(data);
    } catch {
      throw this.unexpected(`characters of ${typeName(element.type)}`, 'bytes that are none');
    }
  }

  /**
   * A cell, by its 0-based number in column-major order.
   * @throws DataError if it is not a cell array.
   */
  cell(index: number): MatArray {
    if (this.class !== 'cell') throw this.unexpected('a cell array', this.description);
    this.places ??= this.findPlaces(this.head.content, this.length);
    return this.inner(this.places[index]!, `${this.where}{${index + 1}}`);
  }

  /** The names of a struct's fields, in order. */
  fields(): readonly string[] {
    this.findFields();
    return this.names!;
  }

  /**
   * A field of the struct, or of struct number `index` of an array of them.
   * @throws DataError if it is not a struct, or has no such field.
   */
  field(name: string, index = 0): MatArray {
    const found = this.optionalField(name, index);
    if (found) return found;
    throw this.unexpected(`a field ${name}`, this.fields().join(', ') || 'none');
  }

  /** As `field`, and undefined if there is no such field. */
  optionalField(name: string, index = 0): MatArray | undefined {
    this.findFields();
    const column = this.names!.indexOf(name);
    if (column < 0) return undefined;
    if (index >= this.length) throw this.unexpected(`a struct ${index + 1}`, `${this.length}`);
    const place = this.places![index * this.names!.length + column]!;
    const which = this.length === 1 ? '' : `(${index + 1})`;
    return this.inner(place, `${this.where}${which}.${name}`);
  }

  /** Class and dimensions, for errors: `double 1×4`. */
  get description(): string {
    const size = this.head.dimensions.join('×');
    return size ? `${this.class} ${size}` : this.class;
  }

  private numericElement(): Element {
    const { classNumber, flags, content } = this.head;
    if (classNumber < FIRST_NUMERIC || classNumber > LAST_NUMERIC) {
      throw this.unexpected('numbers', this.description);
    }
    if ((flags & COMPLEX) !== 0) throw this.unexpected('real numbers', `complex ${this.description}`);
    if (content === this.end) return { type: TYPE.double, data: content, size: 0, next: content };
    return readElement(this.bytes, content, this.end, this.where);
  }

  private inner(place: number, where: string): MatArray {
    const element = readElement(this.bytes, place, this.end, where);
    if (element.type !== TYPE.matrix) {
      throw new DataError(
        `${where}: expected an array, found ${typeName(element.type)}; the file is corrupt`,
      );
    }
    const end = element.data + element.size;
    return new MatArray(this.bytes, readHead(this.bytes, element.data, end, where), end, where);
  }

  /** Where `count` elements begin that follow one another. */
  private findPlaces(position: number, count: number): Float64Array {
    if (count > (this.end - position) / TAG) throw truncated(this.where);
    const places = new Float64Array(count);
    let at = position;
    for (let i = 0; i < count; i++) {
      places[i] = at;
      at = readElement(this.bytes, at, this.end, this.where).next;
    }
    return places;
  }

  private findFields(): void {
    if (this.places) return;
    if (this.class !== 'struct') throw this.unexpected('a struct', this.description);
    const room = readElement(this.bytes, this.head.content, this.end, this.where);
    const each = room.type === TYPE.int32 && room.size === 4 ? this.bytes.int32(room.data) : 0;
    if (each < 1) throw this.unexpected('a length of field names', typeName(room.type));
    const list = readElement(this.bytes, room.next, this.end, this.where);
    const text = Buffer.from(elementBytes(this.bytes, list, this.where));
    this.names = Array.from({ length: Math.floor(text.length / each) }, (_, i) => {
      const name = text.subarray(i * each, (i + 1) * each);
      const zero = name.indexOf(0);
      return name.toString('utf8', 0, zero < 0 ? each : zero);
    });
    this.places = this.findPlaces(list.next, this.length * this.names.length);
  }

  private unexpected(expected: string, found: string): DataError {
    return new DataError(`${this.where}: expected ${expected}, found ${found}`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const latin1 = (data: Uint8Array) =>
  Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1');
const units16 = (data: Uint8Array<ArrayBuffer>) => {
  let text = '';
  for (const unit of new Uint16Array(data.buffer)) text += String.fromCharCode(unit);
  return text;
};

/** How characters of each type become text, from bytes in this machine's order. */
const ENCODINGS = new Map<number, (data: Uint8Array<ArrayBuffer>) => string>([
  [TYPE.int8, latin1],
  [TYPE.uint8, latin1],
  [TYPE.uint16, units16],
  [TYPE.utf16, units16],
  [TYPE.utf8, (data) => utf8.decode(data)],
  [
    TYPE.utf32,
    (data) => Array.from(new Uint32Array(data.buffer), (point) => String.fromCodePoint(point)).join(''),
  ],
]);
