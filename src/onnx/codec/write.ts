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
export function writeModel(model: Model): Uint8Array<ArrayBuffer> {
  const bytes = MODEL.encode({
    ...model,
    graph: writeGraph(model.graph),
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

const writeGraph = (graph: Graph): Uint8Array =>
  GRAPH.encode({
    ...graph,
    nodes: graph.nodes.map(writeNode),
    initializers: [...graph.initializers.values()].map(writeTensor),
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
      return attribute.value.map(writeGraph);
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

const writeValueInfo = ({ name, type, fullType, rest }: ValueInfo): Uint8Array =>
  VALUE_INFO.encode({ name, type: fullType ?? (type && writeType(type)), rest });

function writeType({ dtype, shape }: TensorType): Uint8Array {
  const dims = shape?.map((d) => DIM.encode(typeof d === 'number' ? { size: d } : { name: d ?? '' }));
  const tensor = TENSOR_TYPE.encode({ dtype: DATA_TYPES[dtype], shape: dims && SHAPE.encode({ dims }) });
  return TYPE.encode({ tensor });
}
