/**
 * Reads FlatBuffers tables by field number, for a schema with only a few fields of interest. Format:
 * https://flatbuffers.dev/internals/
 */
import { ByteBuffer } from 'flatbuffers';

/** Bytes before the first field's entry in a vtable, and bytes of an entry. */
const VTABLE_HEADER = 4;
const VTABLE_ENTRY = 2;

/** A table at a position of a buffer. Fields are counted from 0 in the schema's order, deprecated ones too. */
export class Table {
  constructor(
    private readonly buffer: ByteBuffer,
    private readonly position: number,
  ) {}

  /** A table without fields: its vtable, which it follows, ends before the first. */
  static readonly EMPTY = new Table(new ByteBuffer(new Uint8Array([4, 0, 8, 0, 4, 0, 0, 0])), 4);

  /** The root table of a file. */
  static root(bytes: Uint8Array): Table {
    const buffer = new ByteBuffer(bytes);
    return new Table(buffer, buffer.readInt32(0));
  }

  private at(field: number): number | undefined {
    const offset = this.buffer.__offset(this.position, VTABLE_HEADER + VTABLE_ENTRY * field);
    return offset === 0 ? undefined : this.position + offset;
  }

  has(field: number): boolean {
    return this.at(field) !== undefined;
  }

  int8(field: number, fallback = 0): number {
    const at = this.at(field);
    return at === undefined ? fallback : this.buffer.readInt8(at);
  }

  uint8(field: number, fallback = 0): number {
    const at = this.at(field);
    return at === undefined ? fallback : this.buffer.readUint8(at);
  }

  bool(field: number): boolean {
    return this.uint8(field) !== 0;
  }

  int32(field: number, fallback = 0): number {
    const at = this.at(field);
    return at === undefined ? fallback : this.buffer.readInt32(at);
  }

  uint32(field: number, fallback = 0): number {
    const at = this.at(field);
    return at === undefined ? fallback : this.buffer.readUint32(at);
  }

  uint64(field: number): number {
    const at = this.at(field);
    return at === undefined ? 0 : Number(this.buffer.readUint64(at));
  }

  float32(field: number, fallback = 0): number {
    const at = this.at(field);
    return at === undefined ? fallback : this.buffer.readFloat32(at);
  }

  string(field: number): string {
    const at = this.at(field);
    return at === undefined ? '' : String(this.buffer.__string(at));
  }

  table(field: number): Table | undefined {
    const at = this.at(field);
    return at === undefined ? undefined : new Table(this.buffer, this.buffer.__indirect(at));
  }

  tables(field: number): Table[] {
    return this.elements(field, 4, (position) => new Table(this.buffer, this.buffer.__indirect(position)));
  }

  int32s(field: number): number[] {
    return this.elements(field, 4, (position) => this.buffer.readInt32(position));
  }

  float32s(field: number): number[] {
    return this.elements(field, 4, (position) => this.buffer.readFloat32(position));
  }

  /** A vector of bytes, as a view on the file's. */
  bytes(field: number): Uint8Array {
    const at = this.at(field);
    if (at === undefined) return new Uint8Array();
    const { start, length } = this.vector(at, 1);
    return this.buffer.bytes().subarray(start, start + length);
  }

  private elements<T>(field: number, size: number, read: (position: number) => T): T[] {
    const at = this.at(field);
    if (at === undefined) return [];
    const { start, length } = this.vector(at, size);
    return Array.from({ length }, (_, i) => read(start + i * size));
  }

  private vector(at: number, size: number): { start: number; length: number } {
    const start = this.buffer.__vector(at);
    const length = this.buffer.__vector_len(at);
    if (!(start >= 0 && length >= 0 && start + length * size <= this.buffer.capacity())) {
      throw new RangeError(`a vector of ${length} elements at byte ${start} reaches beyond the end`);
    }
    return { start, length };
  }
}
