/** Bytes that are read at any position, whether they lie in memory or in a file, in the byte order of their file. */
import { readSync } from 'node:fs';

/** The minimum number of bytes read at once: most elements are only tens of bytes long. */
const WINDOW = 1 << 14;

/** Thrown for a position beyond the end. */
export class EndOfBytes extends Error {
  override readonly name = 'EndOfBytes';
}

export class Bytes {
  private view: DataView;
  /** Where `view` begins. */
  private start = 0;

  private constructor(
    readonly length: number,
    readonly littleEndian: boolean,
    private readonly file: { readonly descriptor: number; readonly offset: number } | null,
    memory: Uint8Array,
  ) {
    this.view = viewOf(memory);
  }

  static ofMemory(memory: Uint8Array, littleEndian: boolean): Bytes {
    return new Bytes(memory.byteLength, littleEndian, null, memory);
  }

  /** The `length` bytes from `offset` of an open file, which the caller must close. */
  static ofFile(descriptor: number, offset: number, length: number, littleEndian: boolean): Bytes {
    return new Bytes(length, littleEndian, { descriptor, offset }, new Uint8Array(0));
  }

  uint32(position: number): number {
    const at = this.reach(position, 4);
    return this.view.getUint32(at, this.littleEndian);
  }

  int32(position: number): number {
    return this.uint32(position) | 0;
  }

  /** Fills `into` with the bytes from `position` on. */
  read(position: number, into: Uint8Array): void {
    if (this.file && into.byteLength > WINDOW) {
      this.readApart(position, into);
      return;
    }
    const at = this.reach(position, into.byteLength);
    into.set(new Uint8Array(this.view.buffer, this.view.byteOffset + at, into.byteLength));
  }

  /** `read` without read-ahead: for short runs far apart. */
  readApart(position: number, into: Uint8Array): void {
    if (this.file) {
      this.check(position, into.byteLength);
      readFully(this.file.descriptor, into, this.file.offset + position);
    } else {
      this.read(position, into);
    }
  }

  /** Makes sure that the bytes are in `view` and says where. */
  private reach(position: number, count: number): number {
    this.check(position, count);
    const at = position - this.start;
    if (at >= 0 && at + count <= this.view.byteLength) return at;
    const { descriptor, offset } = this.file!;
    const window = new Uint8Array(Math.min(WINDOW, this.length - position));
    readFully(descriptor, window, offset + position);
    this.view = viewOf(window);
    this.start = position;
    return 0;
  }

  private check(position: number, count: number): void {
    if (position < 0 || position + count > this.length) {
      throw new EndOfBytes(`${count} bytes at ${position} of ${this.length}`);
    }
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function readFully(descriptor: number, into: Uint8Array, offset: number): void {
  for (let at = 0; at < into.byteLength; ) {
    const count = readSync(descriptor, into, at, into.byteLength - at, offset + at);
    if (count === 0) throw new EndOfBytes(`the file ends at ${offset + at}`);
    at += count;
  }
}
