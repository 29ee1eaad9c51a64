/**
 * A Level 5 MAT-file, as MATLAB 5 to 7.2 write it and later ones with `-v6` and `-v7`, of either byte order.
 *
 * Source: The MathWorks, "MAT-File Format", chapter 1: sections "MAT-File Header Format" and "Data Compression".
 * Existing readers in JavaScript hold a whole file in memory as one object a number, and lose names in UTF-8.
 */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { constants, inflateSync } from 'node:zlib';
import { foundInstead, notAFileAtSync } from '../../../files/index.js';
import { DataError } from '../../types.js';
import { type ArrayHead, MatArray, readHead } from './array.js';
import { Bytes } from './bytes.js';
import { type Element, readElement, readingFailed, TAG, TYPE, typeName } from './elements.js';
import { type Inflated, inflate } from './inflate.js';

const HEADER = 128;
/** Enough compressed bytes for an array's flags, dimensions and name. */
const PEEK = 4096;

/** A variable that has not been read yet. */
interface Variable {
  readonly element: Element;
  /** The inflated size of the element's data; undefined if not compressed. */
  readonly inflatedSize?: number;
}

export class MatFile {
  private readonly inflated = new Map<string, Inflated>();

  private constructor(
    readonly path: string,
    private readonly descriptor: number,
    private readonly bytes: Bytes,
    private readonly variables: ReadonlyMap<string, Variable>,
  ) {}

  /**
   * Opens a file and finds its variables; their contents are read on demand.
   * @throws DataError for what is no such file, and for one that ends too early.
   */
  static open(path: string): MatFile {
    const descriptor = openFile(path);
    try {
      const { size } = fstatSync(descriptor);
      const bytes = Bytes.ofFile(descriptor, 0, size, readHeader(descriptor, path));
      return new MatFile(path, descriptor, bytes, findVariables(path, descriptor, bytes));
    } catch (error) {
      closeSync(descriptor);
      throw error instanceof DataError ? error : readingFailed(error, path);
    }
  }

  /** The names of the variables, in the order of the file. */
  get names(): readonly string[] {
    return [...this.variables.keys()];
  }

  /**
   * A variable. If it is compressed it is inflated first, in memory or, if it is large, into a temporary file; both
   * last until `close`.
   * @throws DataError if there is no such variable, or its compressed bytes are damaged.
   */
  async read(name: string): Promise<MatArray> {
    const variable = this.variables.get(name);
    if (!variable) {
      throw new DataError(
        `${this.path}: expected a variable ${name}, found ${this.names.join(', ') || 'none'}`,
      );
    }
    const where = `${this.path}: ${name}`;
    const { element, inflatedSize } = variable;
    if (inflatedSize === undefined) {
      const end = element.data + element.size;
      return new MatArray(this.bytes, readHead(this.bytes, element.data, end, where), end, where);
    }
    let inflated = this.inflated.get(name);
    if (!inflated) {
      const { littleEndian } = this.bytes;
      const source = { path: this.path, start: element.data, size: element.size };
      inflated = await inflate(source, inflatedSize, littleEndian, where);
      this.inflated.set(name, inflated);
    }
    const { bytes } = inflated;
    return new MatArray(bytes, readHead(bytes, TAG, bytes.length, where), bytes.length, where);
  }

  /** Arrays read from the file cannot be used afterwards. */
  close(): void {
    for (const { release } of this.inflated.values()) release();
    this.inflated.clear();
    closeSync(this.descriptor);
  }
}

function openFile(path: string): number {
  const found = notAFileAtSync(path);
  if (found !== undefined) throw new DataError({ subject: path, expected: 'a MATLAB file', found });
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new DataError({ subject: path, expected: 'a MATLAB file', found: foundInstead(error) });
  }
}

const EXPECTED = 'expected a MATLAB file of version 5 to 7.2';

/** Checks the header and returns whether numbers are little-endian. */
function readHeader(descriptor: number, path: string): boolean {
  const header = Buffer.alloc(HEADER);
  const count = readSync(descriptor, header, 0, HEADER, 0);
  if (count < HEADER) throw new DataError(`${path}: ${EXPECTED}, found ${count} bytes`);
  if (header.toString('latin1', 0, 10) === 'MATLAB 7.3') {
    throw new DataError(`${path}: ${EXPECTED}, found version 7.3, which is HDF5; save it with -v7 in MATLAB`);
  }
  const mark = header.toString('latin1', 126, 128);
  const littleEndian = mark === 'IM';
  if (!littleEndian && mark !== 'MI') {
    throw new DataError(`${path}: ${EXPECTED}, found a file without its header`);
  }
  const version = littleEndian ? header.readUInt16LE(124) : header.readUInt16BE(124);
  if (version !== 0x0100)
    throw new DataError(`${path}: ${EXPECTED}, found version 0x${version.toString(16)}`);
  return littleEndian;
}

function findVariables(path: string, descriptor: number, bytes: Bytes): Map<string, Variable> {
  const variables = new Map<string, Variable>();
  for (let position = HEADER; position < bytes.length; ) {
    const element = readElement(bytes, position, bytes.length, path);
    const { name, inflatedSize } = nameOf(path, descriptor, bytes, element);
    variables.set(name, inflatedSize === undefined ? { element } : { element, inflatedSize });
    position = element.next;
  }
  return variables;
}

function nameOf(
  path: string,
  descriptor: number,
  bytes: Bytes,
  element: Element,
): { name: string; inflatedSize?: number } {
  if (element.type === TYPE.matrix) {
    return { name: readHead(bytes, element.data, element.data + element.size, path).name };
  }
  if (element.type !== TYPE.compressed) {
    throw new DataError(`${path}: expected a variable, found ${typeName(element.type)}; the file is corrupt`);
  }
  const { head, size } = peek(path, descriptor, bytes, element);
  return { name: head.name, inflatedSize: size };
}

/** The beginning of a compressed array, and its inflated size. */
function peek(
  path: string,
  descriptor: number,
  bytes: Bytes,
  element: Element,
): { head: ArrayHead; size: number } {
  const compressed = Buffer.alloc(Math.min(PEEK, element.size));
  readSync(descriptor, compressed, 0, compressed.length, element.data);
  let start: Buffer;
  try {
    start = inflateSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    throw new DataError(`${path}: expected a compressed variable, found ${(error as Error).message}`);
  }
  const memory = Bytes.ofMemory(start, bytes.littleEndian);
  if (memory.length < TAG || memory.uint32(0) !== TYPE.matrix) {
    throw new DataError(`${path}: expected a compressed array, found other bytes; the file is corrupt`);
  }
  return { head: readHead(memory, TAG, memory.length, path), size: TAG + memory.uint32(4) };
}
