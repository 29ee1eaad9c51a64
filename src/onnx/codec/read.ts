/** `.onnx` bytes to the graph. */
import { OnnxFormatError } from '../errors.js';
import {
  type Attribute,
  DATA_TYPES,
  type DataType,
  type Dim,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  type TensorType,
  type ValueInfo,
} from '../graph.js';
import { nodeLabel } from '../opsets.js';
import { bitsPerElement, elementCount } from '../tensor.js';
import { inOrder } from '../traverse.js';
import {
  ALL_BUT_NAME,
  ATTRIBUTE,
  ATTRIBUTE_TYPES,
  DIM,
  ENTRY,
  EXTERNAL,
  FUNCTION,
  GRAPH,
  MODEL,
  MODEL_FUNCTIONS,
  NODE,
  OPSET,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './fields.js';

export interface ReadOptions {
  /**
   * Returns `length` bytes (up to the end if undefined) at `offset` of the file `location`, a path relative to the
   * model's. Needed if weights are stored outside the model.
   */
  readonly external?: (location: string, offset: number, length: number | undefined) => Uint8Array;
}

/**
 * Reads the bytes of an `.onnx` file. Weights are views on these bytes, not copies.
 * @throws OnnxFormatError if the bytes are not an ONNX model or refer to external data that is not given.
 */
export function readModel(bytes: Uint8Array, options: ReadOptions = {}): Model {
  let model: Model | undefined;
  try {
    model = new Reader(options).model(bytes);
  } catch (error) {
    if (error instanceof OnnxFormatError) throw error;
    throw new OnnxFormatError(`The bytes are not an ONNX model: ${(error as Error).message}`);
  }
  if (model === undefined || model.irVersion === 0) {
    throw new OnnxFormatError('The bytes are not an ONNX model: they hold no graph or no IR version');
  }
  return model;
}

/**
 * The maximum nesting of subgraphs, three messages each: protobuf's own reader, and so ONNX Runtime, stops at 100
 * messages.
 */
const DEEPEST = 32;

class Reader {
  private depth = 0;

  constructor(private readonly options: ReadOptions) {}

  model(bytes: Uint8Array): Model | undefined {
    const { irVersion = 0, graph, opsets, metadata, ...model } = MODEL.decode(bytes);
    if (graph === undefined) return undefined;
    return {
      ...model,
      irVersion: Number(irVersion),
      graph: this.graph(graph),
      opsets: new Map(opsets.map((one) => OPSET.decode(one)).map((o) => [o.domain, Number(o.version ?? 0)])),
      metadata: new Map(metadata.map(readEntry)),
    };
  }

  private graph(bytes: Uint8Array): Graph {
    if (++this.depth > DEEPEST) throw new OnnxFormatError(`Graphs are nested more than ${DEEPEST} deep`);
    const graph = GRAPH.decode(bytes);
    const nodes = graph.nodes.map((node) => this.node(node));
    const read: Graph = {
      ...graph,
      nodes: inOrder(nodes, (node) => {
        throw new OnnxFormatError(`Graph '${graph.name}' has a cycle through ${nodeLabel(node)}`);
      }),
      inputs: graph.inputs.map(readValueInfo),
      outputs: graph.outputs.map(readValueInfo),
      initializers: byName(graph.initializers.map((constant) => this.tensor(constant))),
      valueInfo: byName(graph.valueInfo.map(readValueInfo)),
    };
    this.depth--;
    return read;
  }

  node(bytes: Uint8Array): Node {
    const node = NODE.decode(bytes);
    return { ...node, attributes: new Map(node.attributes.map((one) => this.attribute(one))) };
  }

  private attribute(bytes: Uint8Array): [string, Attribute] {
    const { name, type = 0, rest, ...values } = ATTRIBUTE.decode(bytes);
    // Files of the first IR version do not state the kind: it follows from the field they fill.
    const kind = KINDS.find((k) => (type === 0 ? isFilled(values[k]) : ATTRIBUTE_TYPES[k] === type));
    if (kind === undefined) return [name, { kind: 'other', rest: ALL_BUT_NAME.decode(bytes).rest! }];
    const value = this.attributeValue(kind, values);
    if (value === undefined) throw new OnnxFormatError(`Attribute '${name}' of kind ${kind} has no value`);
    return [name, { kind, value, ...(rest && { rest }) } as Attribute];
  }

  /** Fields at their default, 0 or empty, may be left out of the file. */
  private attributeValue(kind: Kind, values: Pick<ReturnType<typeof ATTRIBUTE.decode>, Kind>) {
    switch (kind) {
      case 'tensor':
        return values.tensor && this.tensor(values.tensor);
      case 'graph':
        return values.graph && this.graph(values.graph);
      case 'graphs':
        return values.graphs.map((graph) => this.graph(graph));
      case 'string':
        return values.string ?? new Uint8Array();
      case 'float':
      case 'int':
        return values[kind] ?? 0;
      default:
        return values[kind];
    }
  }

  private tensor(bytes: Uint8Array): Tensor {
    const fields = TENSOR.decode(bytes);
    const { name, rest } = fields;
    const kept = rest && { rest };
    const dtype = dataType(fields.dtype);
    const dims = fields.dims.map(Number);
    const shape = `[${dims.join(', ')}]`;
    if (dims.some((d) => d < 0)) throw new OnnxFormatError(`Tensor '${name}' has a negative size: ${shape}`);
    if (dtype === 'string') {
      return { name, dtype, dims, data: new Uint8Array(), strings: fields.strings, ...kept };
    }
    const bits = bitsPerElement(dtype);
    const size = bits === undefined ? undefined : Math.ceil((elementCount(dims) * bits) / 8);
    const check = (found: number) => {
      if (size === undefined || found === size) return;
      throw new OnnxFormatError(
        `Tensor '${name}' of type ${dtype} and shape ${shape} needs ${size} bytes, found ${found}`,
      );
    };
    const data =
      fields.location === EXTERNAL
        ? this.external(name, new Map(fields.external.map(readEntry)), check)
        : (fields.raw ?? elementBytes(dtype, fields));
    check(data.length);
    return { name, dtype, dims, data, ...kept };
  }

  /** @param check throws for a number of bytes that the tensor does not need, before they are read */
  private external(
    name: string,
    entries: ReadonlyMap<string, string>,
    check: (found: number) => void,
  ): Uint8Array {
    const file = entries.get('location') ?? '';
    const length = entries.get('length');
    if (length !== undefined && this.options.external !== undefined) check(Number(length));
    if (this.options.external === undefined) {
      throw new OnnxFormatError(`Tensor '${name}' is in the external file '${file}', which is missing`);
    }
    const offset = Number(entries.get('offset') ?? 0);
    return this.options.external(file, offset, length === undefined ? undefined : Number(length));
  }
}

/** A function defined by a model: a name for a group of nodes. */
export interface FunctionDefinition {
  readonly domain: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
}

/** The functions that a model defines, read from its uninterpreted fields. */
export function readFunctions({ rest }: Model): FunctionDefinition[] {
  if (rest === undefined) return [];
  const reader = new Reader({});
  return MODEL_FUNCTIONS.decode(rest).functions.map((bytes) => {
    const { nodes, ...rest } = FUNCTION.decode(bytes);
    return { ...rest, nodes: nodes.map((node) => reader.node(node)) };
  });
}

function readEntry(bytes: Uint8Array): [string, string] {
  const { key, value } = ENTRY.decode(bytes);
  return [key, value];
}

const byName = <T extends { readonly name: string }>(values: readonly T[]): Map<string, T> =>
  new Map(values.map((value) => [value.name, value]));

type Kind = keyof typeof ATTRIBUTE_TYPES;
const KINDS = Object.keys(ATTRIBUTE_TYPES) as Kind[];

const isFilled = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0);

const DATA_TYPE_NAMES = new Map<number, DataType>(
  Object.entries(DATA_TYPES).map(([name, number]) => [number, name as DataType]),
);

function dataType(number = 0): DataType {
  const name = DATA_TYPE_NAMES.get(number);
  if (name === undefined) throw new OnnxFormatError(`Element type ${number} is unknown`);
  return name;
}

/** The bytes of a tensor whose elements are in a typed field instead of `raw_data`. */
function elementBytes(dtype: DataType, fields: ReturnType<typeof TENSOR.decode>): Uint8Array {
  switch (dtype) {
    case 'float32':
    case 'complex64':
      return new Uint8Array(Float32Array.from(fields.floats).buffer);
    case 'float64':
    case 'complex128':
      return new Uint8Array(Float64Array.from(fields.doubles).buffer);
    case 'int64':
      return new Uint8Array(BigInt64Array.from(fields.int64s, BigInt).buffer);
    case 'uint64':
      return new Uint8Array(BigUint64Array.from(fields.uint64s, BigInt).buffer);
    case 'uint32':
      return new Uint8Array(Uint32Array.from(fields.uint64s, Number).buffer);
    case 'int32':
      return new Uint8Array(Int32Array.from(fields.int32s).buffer);
    default:
      // float16 as bits, and types of 8 bits and fewer.
      return bitsPerElement(dtype) === 16
        ? new Uint8Array(Uint16Array.from(fields.int32s).buffer)
        : Uint8Array.from(fields.int32s);
  }
}

function readValueInfo(bytes: Uint8Array): ValueInfo {
  const { type: fullType, ...info } = VALUE_INFO.decode(bytes);
  const { type, complete } = fullType ? readType(fullType) : { type: undefined, complete: true };
  return { ...info, type, ...(complete ? {} : { fullType }) };
}

/** `complete` is false if the file says more about the type than a TensorType can hold. */
function readType(bytes: Uint8Array): { type: TensorType | undefined; complete: boolean } {
  const whole = TYPE.decode(bytes);
  if (whole.tensor === undefined) return { type: undefined, complete: false };
  const tensor = TENSOR_TYPE.decode(whole.tensor);
  const shape = tensor.shape && SHAPE.decode(tensor.shape);
  const dims = shape?.dims.map((one) => DIM.decode(one));
  const complete = [whole, tensor, shape, ...(dims ?? [])].every((part) => part?.rest === undefined);
  return {
    type: {
      dtype: dataType(tensor.dtype),
      shape: dims?.map(({ size, name }): Dim => (size === undefined ? name || null : Number(size))),
    },
    complete,
  };
}
