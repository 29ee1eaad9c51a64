/** The graph to `.onnx` bytes. */
import { OnnxFormatError } from '../errors.js';
import {
  type Attribute,
  DATA_TYPES,
  type Graph,
  type Model,
  type Node,
  type Tensor,
  type TensorType,
  type ValueInfo,
} from '../graph.js';
import {
  ATTRIBUTE,
  ATTRIBUTE_TYPES,
  DIM,
  ENTRY,
  EXTERNAL,
  GRAPH,
  MODEL,
  NODE,
  OPSET,
  SHAPE,
  TENSOR,
  TENSOR_TYPE,
  TYPE,
  VALUE_INFO,
} from './fields.js';

/** The largest protobuf message; a model beyond it needs external data. */
const MESSAGE_LIMIT = 2 ** 31 - 1;

/**
 * The bytes of an `.onnx` file.
 * @throws OnnxFormatError if they would exceed protobuf's limit of 2 GiB per message.
 */
export const writeModel = (model: Model): Uint8Array<ArrayBuffer> =>
  encodeModel(model, writeGraph(model.graph));

function encodeModel(model: Model, graph: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = MODEL.encode({
    ...model,
    graph,
    opsets: [...model.opsets].map(([domain, version]) => OPSET.encode({ domain, version })),
    metadata: [...model.metadata].map(([key, value]) => ENTRY.encode({ key, value })),
  });
  if (bytes.length > MESSAGE_LIMIT) {
    throw new OnnxFormatError(
      `The model has ${bytes.length} bytes; an .onnx file holds ${MESSAGE_LIMIT} at most`,
    );
  }
  return bytes;
}

/** The least bytes of a constant that is worth a place in another file. */
const LEAST_APART = 1024;

/** Where each constant begins there: at a line of the processor's cache. */
const ALIGNMENT = 64;

/**
 * A model in two files: the graph, and its larger constants, which ONNX Runtime then maps into memory instead of copying them.
 * @param name the name of the second file, which belongs beside the first
 */
export function writeModelApart(
  model: Model,
  name: string,
): { readonly graph: Uint8Array<ArrayBuffer>; readonly constants: Uint8Array<ArrayBuffer> } {
  const places = new Map<Tensor, number>();
  let size = 0;
  for (const constant of model.graph.initializers.values()) {
    const { length } = constant.data;
    if (length < LEAST_APART) continue;
    places.set(constant, size);
    size += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }
  const constants = new Uint8Array(size);
  for (const [{ data }, place] of places) constants.set(data, place);
  const initializers = [...model.graph.initializers.values()].map((constant) => {
    const place = places.get(constant);
    return place === undefined ? writeTensor(constant) : writeExternal(constant, name, place);
  });
  return { graph: encodeModel(model, writeGraph(model.graph, initializers)), constants };
}

const writeGraph = (
  graph: Graph,
  initializers = [...graph.initializers.values()].map(writeTensor),
): Uint8Array =>
  GRAPH.encode({
    ...graph,
    nodes: graph.nodes.map(writeNode),
    initializers,
    inputs: graph.inputs.map(writeValueInfo),
    outputs: graph.outputs.map(writeValueInfo),
    valueInfo: [...graph.valueInfo.values()].map(writeValueInfo),
  });

const writeNode = (node: Node): Uint8Array =>
  NODE.encode({ ...node, attributes: [...node.attributes].map(writeAttribute) });

function writeAttribute([name, attribute]: [string, Attribute]): Uint8Array {
  const { kind, rest } = attribute;
  if (kind === 'other') return ATTRIBUTE.encode({ name, rest });
  return ATTRIBUTE.encode({ name, [kind]: attributeValue(attribute), type: ATTRIBUTE_TYPES[kind], rest });
}

function attributeValue(attribute: Exclude<Attribute, { kind: 'other' }>) {
  switch (attribute.kind) {
    case 'tensor':
      return writeTensor(attribute.value);
    case 'graph':
      return writeGraph(attribute.value);
    case 'graphs':
      return attribute.value.map((graph) => writeGraph(graph));
    default:
      return attribute.value;
  }
}

const writeTensor = ({ name, dtype, dims, data, strings, rest }: Tensor): Uint8Array =>
  TENSOR.encode({
    name,
    dims,
    dtype: DATA_TYPES[dtype],
    ...(dtype === 'string' ? { strings } : { raw: data }),
    rest,
  });

const writeExternal = (
  { name, dtype, dims, data, rest }: Tensor,
  location: string,
  offset: number,
): Uint8Array =>
  TENSOR.encode({
    name,
    dims,
    dtype: DATA_TYPES[dtype],
    external: Object.entries({ location, offset, length: data.length }).map(([key, value]) =>
      ENTRY.encode({ key, value: String(value) }),
    ),
    location: EXTERNAL,
    rest,
  });

const writeValueInfo = ({ name, type, fullType, rest }: ValueInfo): Uint8Array =>
  VALUE_INFO.encode({ name, type: fullType ?? (type && writeType(type)), rest });

function writeType({ dtype, shape }: TensorType): Uint8Array {
  const dims = shape?.map((d) => DIM.encode(typeof d === 'number' ? { size: d } : { name: d ?? '' }));
  const tensor = TENSOR_TYPE.encode({ dtype: DATA_TYPES[dtype], shape: dims && SHAPE.encode({ dims }) });
  return TYPE.encode({ tensor });
}
