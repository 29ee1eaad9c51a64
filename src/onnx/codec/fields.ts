/**
 * The messages of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto as tables of their fields. One table serves
 * reading and writing; unknown fields are kept unchanged in `rest`. The wire format is read and written by
 * @bufbuild/protobuf.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

interface Field<T> {
  readonly number: number;
  /** The value of a field that a message lacks. */
  none(): T;
  /** The value with one more occurrence of the field. */
  read(reader: BinaryReader, wire: WireType, before: T): T;
  write(writer: BinaryWriter, value: T): void;
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type Values<F> = { [K in keyof F]: F[K] extends Field<infer T> ? T : never };
interface Rest {
  readonly rest?: Uint8Array;
}

type Given<F> = { readonly [K in keyof Values<F>]?: Values<F>[K] | undefined } & {
  readonly rest?: Uint8Array | undefined;
};

/** A message with these fields, written in this order. */
function message<F extends Fields>(fields: F) {
  const entries = Object.entries(fields);
  const byNumber = new Map(entries.map(([key, field]) => [field.number, { key, field }]));
  return {
    decode(bytes: Uint8Array): Values<F> & Rest {
      const values: Record<string, unknown> = {};
      for (const [key, field] of entries) values[key] = field.none();
      const reader = new BinaryReader(bytes);
      let rest: BinaryWriter | undefined;
      while (reader.pos < reader.len) {
        const [number, wire] = reader.tag();
        const known = byNumber.get(number);
        if (known) values[known.key] = known.field.read(reader, wire, values[known.key]);
        else {
          rest ??= new BinaryWriter();
          rest.tag(number, wire).raw(reader.skip(wire, number));
        }
      }
      return (rest ? { ...values, rest: rest.finish() } : values) as Values<F> & Rest;
    },

    encode(values: Given<F>): Uint8Array<ArrayBuffer> {
      const writer = new BinaryWriter();
      for (const [key, field] of entries) {
        const value = values[key];
        if (value !== undefined) field.write(writer, value);
      }
      return writer.raw(values.rest ?? new Uint8Array()).finish();
    },
  };
}

type Get<T> = (reader: BinaryReader) => T;
type Put<T> = (writer: BinaryWriter, value: T) => unknown;

/** A singular field; the last occurrence counts. */
const once =
  <T>(wire: WireType, get: Get<T>, put: Put<T>) =>
  (number: number): Field<T | undefined> => ({
    number,
    none: () => undefined,
    read: get,
    write: (writer, value) => put(writer.tag(number, wire), value as T),
  });

/** A repeated field. */
const many =
  <T>(own: WireType, get: Get<T>, put: Put<T>) =>
  (number: number): Field<readonly T[]> => ({
    number,
    none: () => [],
    read(reader, wire, before) {
      const list = before as T[];
      // Numbers may be packed: https://protobuf.dev/programming-guides/encoding/#packed
      if (wire === WireType.LengthDelimited && own !== wire) {
        const packed = new BinaryReader(reader.bytes());
        while (packed.pos < packed.len) list.push(get(packed));
      } else list.push(get(reader));
      return list;
    },
    write(writer, values) {
      for (const value of values) put(writer.tag(number, own), value);
    },
  });

/** Integers are numbers if a double represents them exactly. */
const exact = (value: bigint | string): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
};

const { Varint, Bit32, Bit64, LengthDelimited } = WireType;
const int32 = [Varint, (r: BinaryReader) => r.int32(), (w: BinaryWriter, v: number) => w.int32(v)] as const;
const int64 = [
  Varint,
  (r: BinaryReader) => exact(r.int64()),
  (w: BinaryWriter, v: number | bigint) => w.int64(BigInt(v)),
] as const;
const uint64 = [
  Varint,
  (r: BinaryReader) => exact(r.uint64()),
  (w: BinaryWriter, v: number | bigint) => w.uint64(BigInt(v)),
] as const;
const float = [Bit32, (r: BinaryReader) => r.float(), (w: BinaryWriter, v: number) => w.float(v)] as const;
const double = [Bit64, (r: BinaryReader) => r.double(), (w: BinaryWriter, v: number) => w.double(v)] as const;
const bytes = [
  LengthDelimited,
  (r: BinaryReader) => r.bytes(),
  (w: BinaryWriter, v: Uint8Array) => w.bytes(v),
] as const;
const string = [
  LengthDelimited,
  (r: BinaryReader) => r.string(),
  (w: BinaryWriter, v: string) => w.string(v),
] as const;

/** A missing field is the empty string, which is not written. */
const text = (number: number): Field<string> => {
  const { read, write } = once(...string)(number);
  return {
    number,
    none: () => '',
    read: read as Field<string>['read'],
    write: (writer, value) => value !== '' && write(writer, value),
  };
};

// Nested messages are kept as bytes, for their own readers and writers.

export const MODEL = message({
  irVersion: once(...int64)(1),
  producerName: text(2),
  producerVersion: text(3),
  graph: once(...bytes)(7),
  opsets: many(...bytes)(8),
  metadata: many(...bytes)(14),
});

/** Left in `rest` by `MODEL`: most models define none. */
export const MODEL_FUNCTIONS = message({ functions: many(...bytes)(25) });

export const FUNCTION = message({
  op: text(1),
  inputs: many(...string)(4),
  outputs: many(...string)(5),
  nodes: many(...bytes)(7),
  domain: text(10),
});

export const OPSET = message({ domain: text(1), version: once(...int64)(2) });

export const ENTRY = message({ key: text(1), value: text(2) });

export const GRAPH = message({
  nodes: many(...bytes)(1),
  name: text(2),
  initializers: many(...bytes)(5),
  inputs: many(...bytes)(11),
  outputs: many(...bytes)(12),
  valueInfo: many(...bytes)(13),
});

export const NODE = message({
  // An empty name is an omitted input and keeps its position.
  inputs: many(...string)(1),
  outputs: many(...string)(2),
  name: text(3),
  op: text(4),
  attributes: many(...bytes)(5),
  domain: text(7),
});

/** The keys of values are kinds of attributes. */
export const ATTRIBUTE = message({
  name: text(1),
  float: once(...float)(2),
  int: once(...int64)(3),
  string: once(...bytes)(4),
  tensor: once(...bytes)(5),
  graph: once(...bytes)(6),
  floats: many(...float)(7),
  ints: many(...int64)(8),
  strings: many(...bytes)(9),
  graphs: many(...bytes)(11),
  type: once(...int32)(20),
});

/** An attribute of a kind that is not interpreted: all but its name is kept as bytes. */
export const ALL_BUT_NAME = message({ name: text(1) });

/** `AttributeProto.AttributeType`, as far as it is interpreted. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  graphs: 10,
} as const;

export const TENSOR = message({
  dims: many(...int64)(1),
  dtype: once(...int32)(2),
  floats: many(...float)(4),
  int32s: many(...int32)(5),
  strings: many(...bytes)(6),
  int64s: many(...int64)(7),
  name: text(8),
  raw: once(...bytes)(9),
  doubles: many(...double)(10),
  uint64s: many(...uint64)(11),
  external: many(...bytes)(13),
  location: once(...int32)(14),
});

/** `TensorProto.DataLocation`: the elements are in another file. */
export const EXTERNAL = 1;

export const VALUE_INFO = message({ name: text(1), type: once(...bytes)(2) });
export const TYPE = message({ tensor: once(...bytes)(1) });
export const TENSOR_TYPE = message({ dtype: once(...int32)(1), shape: once(...bytes)(2) });
export const SHAPE = message({ dims: many(...bytes)(1) });
export const DIM = message({ size: once(...int64)(1), name: text(2) });
