/**
 * `.onnx` bytes to the graph and back. Field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto; the wire format is read and written by
 * @bufbuild/protobuf. A field that the graph's types do not name goes into `rest` as it stands, and out again.
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  type Attribute,
  type AttributeValue,
  DATA_TYPES,
  type DataType,
  type Dim,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  type TensorType,
  type ValueInfo,
} from './graph.js';
import { bitsPerElement, elementCount, type NumericType, tensor } from './tensor.js';
import { holdsType } from './value-info.js';

/** Thrown where bytes are not an ONNX model, or one that cannot be written. */
export class OnnxFormatError extends Error {
  override name = 'OnnxFormatError';
}

export interface ReadOptions {
  /**
   * Returns `length` bytes (all to the end where undefined) at `offset` of the file `location`, a path
   * relative to the model's. Needed where weights are stored outside the model.
   */
  readonly external?: (location: string, offset: number, length: number | undefined) => Uint8Array;
}

/**
 * The model in the bytes of an `.onnx` file. Weights are views on these bytes, not copies.
 * @throws OnnxFormatError where the bytes are not an ONNX model or refer to external data that is not given.
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Model {
  let model: Model | undefined;
  try {
    model = modelCodec(options).read(bytes);
  } catch (error) {
    if (error instanceof OnnxFormatError) throw error;
    throw new OnnxFormatError(`The bytes are not an ONNX model: ${(error as Error).message}`);
  }
  if (model === undefined || model.irVersion === 0) {
    throw new OnnxFormatError('The bytes are not an ONNX model: they hold no graph or no IR version');
  }
  return model;
}

/** The largest protobuf message; a model beyond it needs external data. */
const MESSAGE_LIMIT = 2 ** 31 - 1;

/**
 * The bytes of an `.onnx` file.
 * @throws OnnxFormatError where they would exceed the 2 GiB of a protobuf message.
 */
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writeModelFields(writer, model);
  const bytes = writer.finish();
  if (bytes.length > MESSAGE_LIMIT) {
    throw new OnnxFormatError(
      `The model has ${bytes.length} bytes; an .onnx file holds ${MESSAGE_LIMIT} at most`,
    );
  }
  return bytes;
}

// ---------------------------------------------------------------------------------------------------- reading

type Field = (reader: BinaryReader, wire: WireType) => void;

/** Reads a message's fields, hands each to its reader, and returns the bytes of those that have none. */
function readFields(bytes: Uint8Array, fields: Record<number, Field>): { rest?: Uint8Array } {
  const reader = new BinaryReader(bytes);
  let rest: BinaryWriter | undefined;
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const field = fields[number];
    if (field) field(reader, wire);
    else {
      rest ??= new BinaryWriter();
      rest.tag(number, wire).raw(reader.skip(wire, number));
    }
  }
  return rest ? { rest: rest.finish() } : {};
}

const exact = (value: bigint | string): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
};

/** A repeated number, packed or not: https://protobuf.dev/programming-guides/encoding/#packed */
function repeated<T>(into: T[], one: (reader: BinaryReader) => T): Field {
  return (reader, wire) => {
    if (wire !== WireType.LengthDelimited) {
      into.push(one(reader));
      return;
    }
    const packed = new BinaryReader(reader.bytes());
    while (packed.pos < packed.len) into.push(one(packed));
  };
}

function readEntry(bytes: Uint8Array): [string, string] {
  let key = '';
  let value = '';
  readFields(bytes, {
    1: (r) => {
      key = r.string();
    },
    2: (r) => {
      value = r.string();
    },
  });
  return [key, value];
}

const DATA_TYPE_NAMES = new Map<number, DataType>(
  Object.entries(DATA_TYPES).map(([name, number]) => [number, name as DataType]),
);

function dataType(number: number): DataType {
  const name = DATA_TYPE_NAMES.get(number);
  if (name === undefined) throw new OnnxFormatError(`Element type ${number} is unknown`);
  return name;
}

const nonEmpty = (lists: Readonly<Record<string, readonly unknown[]>>): string[] =>
  Object.keys(lists).filter((name) => lists[name]!.length > 0);

/** Attribute types by their number in AttributeProto.AttributeType, as far as they are interpreted. */
const ATTRIBUTE_KINDS: Record<number, Attribute['kind']> = {
  1: 'float',
  2: 'int',
  3: 'string',
  4: 'tensor',
  5: 'graph',
  6: 'floats',
  7: 'ints',
  8: 'strings',
  10: 'graphs',
};
const ATTRIBUTE_NUMBERS = new Map(
  Object.entries(ATTRIBUTE_KINDS).map(([number, kind]) => [kind, Number(number)]),
);

function modelCodec(options: ReadOptions) {
  function readTensor(bytes: Uint8Array): Tensor {
    let name = '';
    let dtype = 'undefined' as DataType;
    let raw: Uint8Array | undefined;
    let external = false;
    const dims: number[] = [];
    const floats: number[] = [];
    const int32s: number[] = [];
    const int64s: bigint[] = [];
    const doubles: number[] = [];
    const uint64s: bigint[] = [];
    const strings: Uint8Array[] = [];
    const location = new Map<string, string>();
    const { rest } = readFields(bytes, {
      1: repeated(dims, (r) => Number(r.int64())),
      2: (r) => {
        dtype = dataType(r.int32());
      },
      4: repeated(floats, (r) => r.float()),
      5: repeated(int32s, (r) => r.int32()),
      6: (r) => {
        strings.push(r.bytes());
      },
      7: repeated(int64s, (r) => BigInt(r.int64())),
      8: (r) => {
        name = r.string();
      },
      9: (r) => {
        raw = r.bytes();
      },
      10: repeated(doubles, (r) => r.double()),
      11: repeated(uint64s, (r) => BigInt(r.uint64())),
      13: (r) => {
        location.set(...readEntry(r.bytes()));
      },
      14: (r) => {
        external = r.int32() === 1;
      },
    });
    const kept = rest ? { rest } : {};
    if (dims.some((d) => d < 0)) {
      throw new OnnxFormatError(`Tensor '${name}' has a negative size: [${dims.join(', ')}]`);
    }
    if (dtype === 'string') return { name, dtype, dims, data: new Uint8Array(), strings, ...kept };
    if (external) raw = readExternal(name, location);
    if (raw === undefined) {
      raw = fieldBytes(name, dtype, dims, { floats, int32s, int64s, doubles, uint64s });
    }
    const bits = bitsPerElement(dtype);
    const size = bits === undefined ? raw.length : Math.ceil((elementCount(dims) * bits) / 8);
    if (raw.length !== size) {
      throw new OnnxFormatError(
        `Tensor '${name}' of type ${dtype} and shape [${dims.join(', ')}] needs ${size} bytes, found ${raw.length}`,
      );
    }
    return { name, dtype, dims, data: raw, ...kept };
  }

  function readExternal(name: string, location: ReadonlyMap<string, string>): Uint8Array {
    const file = location.get('location') ?? '';
    if (options.external === undefined) {
      throw new OnnxFormatError(
        `Tensor '${name}' stands in the external file '${file}', which was not given`,
      );
    }
    const length = location.get('length');
    return options.external(
      file,
      Number(location.get('offset') ?? 0),
      length === undefined ? undefined : Number(length),
    );
  }

  function readValueInfo(bytes: Uint8Array): ValueInfo {
    let name = '';
    let type: TensorType | undefined;
    let whole: Uint8Array | undefined;
    const { rest } = readFields(bytes, {
      1: (r) => {
        name = r.string();
      },
      2: (r) => {
        const typeBytes = r.bytes();
        const found = readTensorType(typeBytes);
        type = found.type;
        if (!found.complete) whole = typeBytes;
      },
    });
    if (whole === undefined) return { name, type, ...(rest ? { rest } : {}) };
    const kept = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(whole);
    return { name, type, rest: kept.raw(rest ?? new Uint8Array()).finish() };
  }

  /** `complete` is false where the type proto says more than a TensorType does. */
  function readTensorType(bytes: Uint8Array): { type: TensorType | undefined; complete: boolean } {
    let type: TensorType | undefined;
    let complete = true;
    const note = ({ rest }: { rest?: Uint8Array }) => {
      if (rest) complete = false;
    };
    note(
      readFields(bytes, {
        1: (r) => {
          let dtype: DataType = 'undefined';
          let shape: Dim[] | undefined;
          note(
            readFields(r.bytes(), {
              1: (t) => {
                dtype = dataType(t.int32());
              },
              2: (t) => {
                const dims: Dim[] = [];
                shape = dims;
                note(
                  readFields(t.bytes(), {
                    1: (d) => {
                      let dim: Dim = null;
                      note(
                        readFields(d.bytes(), {
                          1: (v) => {
                            dim = Number(v.int64());
                          },
                          2: (v) => {
                            dim = v.string() || null;
                          },
                        }),
                      );
                      dims.push(dim);
                    },
                  }),
                );
              },
            }),
          );
          type = { dtype, shape };
        },
      }),
    );
    return { type, complete: complete && type !== undefined };
  }

  function readAttribute(bytes: Uint8Array): [string, Attribute] {
    let name = '';
    let number = 0;
    const found: { -readonly [K in Attribute['kind']]?: unknown } = {};
    const floats: number[] = [];
    const ints: (number | bigint)[] = [];
    const strings: Uint8Array[] = [];
    const graphs: Graph[] = [];
    const { rest } = readFields(bytes, {
      1: (r) => {
        name = r.string();
      },
      2: (r) => {
        found.float = r.float();
      },
      3: (r) => {
        found.int = exact(r.int64());
      },
      4: (r) => {
        found.string = r.bytes();
      },
      5: (r) => {
        found.tensor = readTensor(r.bytes());
      },
      6: (r) => {
        found.graph = readGraph(r.bytes());
      },
      7: repeated(floats, (r) => r.float()),
      8: repeated(ints, (r) => exact(r.int64())),
      9: (r) => {
        strings.push(r.bytes());
      },
      11: (r) => {
        graphs.push(readGraph(r.bytes()));
      },
      20: (r) => {
        number = r.int32();
      },
    });
    const kept = rest ? { rest } : {};
    const lists = { floats, ints, strings, graphs };
    // Files of the first IR version do not state the kind: it is that of the field they fill.
    const filled = number === 0 ? [...Object.keys(found), ...nonEmpty(lists)][0] : undefined;
    const kind = ATTRIBUTE_KINDS[number] ?? (filled as Attribute['kind'] | undefined);
    if (kind === undefined) {
      const whole = readFields(bytes, {
        1: (r) => {
          r.string();
        },
      });
      return [name, { kind: 'other', ...whole }];
    }
    // Fields at their default (0, empty) may be left out of the file.
    const defaults = { float: 0, int: 0, string: new Uint8Array(), ...lists };
    const value = found[kind] ?? defaults[kind as keyof typeof defaults];
    if (value === undefined) throw new OnnxFormatError(`Attribute '${name}' of kind ${kind} has no value`);
    return [name, { kind, value, ...kept } as Attribute];
  }

  function readNode(bytes: Uint8Array): Node {
    let name = '';
    let domain = '';
    let op = '';
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes = new Map<string, Attribute>();
    const { rest } = readFields(bytes, {
      1: (r) => {
        inputs.push(r.string());
      },
      2: (r) => {
        outputs.push(r.string());
      },
      3: (r) => {
        name = r.string();
      },
      4: (r) => {
        op = r.string();
      },
      5: (r) => {
        attributes.set(...readAttribute(r.bytes()));
      },
      7: (r) => {
        domain = r.string();
      },
    });
    return { name, domain, op, inputs, outputs, attributes, ...(rest ? { rest } : {}) };
  }

  function readGraph(bytes: Uint8Array): Graph {
    let name = '';
    const nodes: Node[] = [];
    const inputs: ValueInfo[] = [];
    const outputs: ValueInfo[] = [];
    const initializers = new Map<string, Tensor>();
    const valueInfo = new Map<string, ValueInfo>();
    const { rest } = readFields(bytes, {
      1: (r) => {
        nodes.push(readNode(r.bytes()));
      },
      2: (r) => {
        name = r.string();
      },
      5: (r) => {
        const constant = readTensor(r.bytes());
        initializers.set(constant.name, constant);
      },
      11: (r) => {
        inputs.push(readValueInfo(r.bytes()));
      },
      12: (r) => {
        outputs.push(readValueInfo(r.bytes()));
      },
      13: (r) => {
        const info = readValueInfo(r.bytes());
        valueInfo.set(info.name, info);
      },
    });
    return { name, nodes, inputs, outputs, initializers, valueInfo, ...(rest ? { rest } : {}) };
  }

  function read(bytes: Uint8Array): Model | undefined {
    let irVersion = 0;
    let producerName = '';
    let producerVersion = '';
    let graph: Graph | undefined;
    const opsets = new Map<string, number>();
    const metadata = new Map<string, string>();
    const { rest } = readFields(bytes, {
      1: (r) => {
        irVersion = Number(r.int64());
      },
      2: (r) => {
        producerName = r.string();
      },
      3: (r) => {
        producerVersion = r.string();
      },
      7: (r) => {
        graph = readGraph(r.bytes());
      },
      8: (r) => {
        let domain = '';
        let version = 0;
        readFields(r.bytes(), {
          1: (s) => {
            domain = s.string();
          },
          2: (s) => {
            version = Number(s.int64());
          },
        });
        opsets.set(domain, version);
      },
      14: (r) => {
        metadata.set(...readEntry(r.bytes()));
      },
    });
    if (graph === undefined) return undefined;
    return { irVersion, opsets, graph, metadata, producerName, producerVersion, ...(rest ? { rest } : {}) };
  }

  return { read };
}

interface TypedFields {
  readonly floats: readonly number[];
  readonly int32s: readonly number[];
  readonly int64s: readonly bigint[];
  readonly doubles: readonly number[];
  readonly uint64s: readonly bigint[];
}

/** The bytes of a tensor whose elements stand in one of the typed fields instead of `raw_data`. */
function fieldBytes(name: string, dtype: DataType, dims: readonly number[], fields: TypedFields): Uint8Array {
  const bits = bitsPerElement(dtype);
  if (bits === undefined || bits < 8 || dtype.startsWith('float8')) return Uint8Array.from(fields.int32s);
  if (dtype === 'complex64') return new Uint8Array(Float32Array.from(fields.floats).buffer);
  if (dtype === 'complex128') return new Uint8Array(Float64Array.from(fields.doubles).buffer);
  const halves = () => Uint16Array.from(fields.int32s);
  const values =
    dtype === 'float32'
      ? fields.floats
      : dtype === 'float64'
        ? fields.doubles
        : dtype === 'int64'
          ? fields.int64s
          : dtype === 'uint64' || dtype === 'uint32'
            ? fields.uint64s
            : dtype === 'float16' || dtype === 'bfloat16'
              ? halves()
              : fields.int32s;
  return tensor(name, dtype as NumericType, dims, values as ArrayLike<number>).data;
}

// ---------------------------------------------------------------------------------------------------- writing

const empty = new Uint8Array();

function message(writer: BinaryWriter, number: number, write: () => void): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function text(writer: BinaryWriter, number: number, value: string): void {
  if (value !== '') writer.tag(number, WireType.LengthDelimited).string(value);
}

function integer(writer: BinaryWriter, number: number, value: number | bigint): void {
  writer.tag(number, WireType.Varint).int64(typeof value === 'bigint' ? value : BigInt(value));
}

function writeModelFields(w: BinaryWriter, model: Model): void {
  integer(w, 1, model.irVersion);
  text(w, 2, model.producerName);
  text(w, 3, model.producerVersion);
  message(w, 7, () => writeGraph(w, model.graph));
  for (const [domain, version] of model.opsets) {
    message(w, 8, () => {
      text(w, 1, domain);
      integer(w, 2, version);
    });
  }
  for (const [key, value] of model.metadata) {
    message(w, 14, () => {
      text(w, 1, key);
      text(w, 2, value);
    });
  }
  w.raw(model.rest ?? empty);
}

function writeGraph(w: BinaryWriter, graph: Graph): void {
  for (const node of graph.nodes) message(w, 1, () => writeNode(w, node));
  text(w, 2, graph.name);
  for (const constant of graph.initializers.values()) message(w, 5, () => writeTensor(w, constant));
  for (const info of graph.inputs) message(w, 11, () => writeValueInfo(w, info));
  for (const info of graph.outputs) message(w, 12, () => writeValueInfo(w, info));
  for (const info of graph.valueInfo.values()) message(w, 13, () => writeValueInfo(w, info));
  w.raw(graph.rest ?? empty);
}

function writeNode(w: BinaryWriter, node: Node): void {
  // An empty name is an input left out, and must hold its place.
  for (const name of node.inputs) w.tag(1, WireType.LengthDelimited).string(name);
  for (const name of node.outputs) w.tag(2, WireType.LengthDelimited).string(name);
  text(w, 3, node.name);
  text(w, 4, node.op);
  for (const [name, value] of node.attributes) message(w, 5, () => writeAttribute(w, name, value));
  text(w, 7, node.domain);
  w.raw(node.rest ?? empty);
}

function writeAttribute(
  w: BinaryWriter,
  name: string,
  attribute: AttributeValue & { rest?: Uint8Array },
): void {
  text(w, 1, name);
  switch (attribute.kind) {
    case 'float':
      w.tag(2, WireType.Bit32).float(attribute.value);
      break;
    case 'int':
      integer(w, 3, attribute.value);
      break;
    case 'string':
      w.tag(4, WireType.LengthDelimited).bytes(attribute.value);
      break;
    case 'tensor':
      message(w, 5, () => writeTensor(w, attribute.value));
      break;
    case 'graph':
      message(w, 6, () => writeGraph(w, attribute.value));
      break;
    case 'floats':
      for (const value of attribute.value) w.tag(7, WireType.Bit32).float(value);
      break;
    case 'ints':
      for (const value of attribute.value) integer(w, 8, value);
      break;
    case 'strings':
      for (const value of attribute.value) w.tag(9, WireType.LengthDelimited).bytes(value);
      break;
    case 'graphs':
      for (const value of attribute.value) message(w, 11, () => writeGraph(w, value));
      break;
    case 'other':
      break;
  }
  const number = ATTRIBUTE_NUMBERS.get(attribute.kind);
  if (number !== undefined) w.tag(20, WireType.Varint).int32(number);
  w.raw(attribute.rest ?? empty);
}

function writeTensor(w: BinaryWriter, constant: Tensor): void {
  for (const dim of constant.dims) integer(w, 1, dim);
  w.tag(2, WireType.Varint).int32(DATA_TYPES[constant.dtype]);
  for (const value of constant.strings ?? []) w.tag(6, WireType.LengthDelimited).bytes(value);
  text(w, 8, constant.name);
  if (constant.dtype !== 'string') w.tag(9, WireType.LengthDelimited).bytes(constant.data);
  w.raw(constant.rest ?? empty);
}

function writeValueInfo(w: BinaryWriter, info: ValueInfo): void {
  text(w, 1, info.name);
  const { type } = info;
  if (type !== undefined && !holdsType(info.rest)) {
    message(w, 2, () =>
      message(w, 1, () => {
        w.tag(1, WireType.Varint).int32(DATA_TYPES[type.dtype]);
        const { shape } = type;
        if (shape === undefined) return;
        message(w, 2, () => {
          for (const dim of shape) {
            message(w, 1, () => {
              if (typeof dim === 'number') integer(w, 1, dim);
              else if (dim !== null) text(w, 2, dim);
            });
          }
        });
      }),
    );
  }
  w.raw(info.rest ?? empty);
}
