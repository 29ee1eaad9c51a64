/**
 * TFLite files to the ONNX graph. Images become NCHW, weights OIHW, and float16 weights that the file
 * dequantises are widened to float32 once, here.
 */
import type { DataType, Model, Shape, Tensor } from '../graph.js';
import { bitsPerElement, elementCount, float32, float32Values } from '../tensor.js';
import { ImportError, unsupported } from './errors.js';
import { Table } from './flatbuffer.js';
import * as tf from './operators.js';
import { simplify } from './simplify.js';
import * as schema from './tflite-schema.js';
import { imageDims, Translation, transposeTensor, type Value } from './translation.js';

export interface TfliteOptions {
  /**
   * Shapes of inputs by name, NCHW for images, in place of the file's: `{ input: ['N', 3, 'H', 'W'] }` makes
   * the batch, the height and the width free. The channels must be the file's.
   */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
  /** Names of the values that become outputs, in place of the file's: what only others need is left out. */
  readonly outputs?: readonly string[];
}

/**
 * The ONNX graph of a TFLite file's first subgraph. Inputs and outputs keep the file's names; those of four
 * dimensions are NCHW, all others are in the file's own order.
 * @throws ImportError where the bytes are not a TFLite file, the network is quantised or sparse, or an operator
 * or one of its options has no translation.
 */
export function importTflite(bytes: Uint8Array, options: TfliteOptions = {}): Model {
  const identifier = new TextDecoder('latin1').decode(bytes.subarray(4, 8));
  if (identifier !== schema.FILE_IDENTIFIER) {
    throw new ImportError(
      `The bytes are not a TFLite file: expected the identifier ${schema.FILE_IDENTIFIER} at byte 4`,
    );
  }
  try {
    return new TfliteImport(bytes, options).model();
  } catch (error) {
    // Offsets that lead nowhere surface as errors of the reader or of typed arrays.
    if (error instanceof RangeError || error instanceof TypeError) {
      throw new ImportError(`The TFLite file is damaged: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** What the file says about a tensor. */
interface FileTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly table: Table;
}

interface Operator {
  readonly code: string;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Table;
  readonly name: string;
}

class TfliteImport {
  private readonly t = new Translation();
  private readonly values = new Map<number, Value>();
  private readonly buffers: Table[];
  private readonly tensors: FileTensor[];
  private readonly subgraph: Table;
  private readonly codes: string[];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly options: TfliteOptions,
  ) {
    const root = Table.root(bytes);
    const [subgraph] = root.tables(schema.MODEL.subgraphs);
    if (!subgraph) throw new ImportError('The TFLite file holds no graph');
    this.subgraph = subgraph;
    this.buffers = root.tables(schema.MODEL.buffers);
    this.codes = root.tables(schema.MODEL.operatorCodes).map(operatorName);
    const names = new Set<string>();
    this.tensors = subgraph.tables(schema.SUBGRAPH.tensors).map((table, i) => {
      const own = table.string(schema.TENSOR.name);
      const name = own === '' || names.has(own) ? `${own || 'tensor'}_${i}` : own;
      names.add(name);
      return { name, shape: table.int32s(schema.TENSOR.shape), table };
    });
  }

  model(): Model {
    const { subgraph } = this;
    for (const index of subgraph.int32s(schema.SUBGRAPH.inputs)) this.input(index);
    this.checkInputNames(subgraph.int32s(schema.SUBGRAPH.inputs));
    const outputs = this.options.outputs
      ? this.options.outputs.map((name) => this.named(name))
      : subgraph.int32s(schema.SUBGRAPH.outputs);
    for (const operator of this.needed(outputs)) {
      const made = this.translate(operator);
      made.forEach((value, i) => {
        this.values.set(operator.outputs[i]!, value);
      });
    }
    return simplify(
      this.t.finish(
        subgraph.string(schema.SUBGRAPH.name) || 'tflite',
        new Map(outputs.map((index) => [this.tensors[index]!.name, this.value(index)])),
      ),
    );
  }

  private named(name: string): number {
    const index = this.tensors.findIndex((tensor) => tensor.name === name);
    if (index < 0) throw new ImportError(`The TFLite file has no value '${name}' to make an output of`);
    return index;
  }

  /** The operators that the outputs depend on, in the file's order, which is topological. */
  private needed(outputs: readonly number[]): Operator[] {
    const all = this.subgraph.tables(schema.SUBGRAPH.operators).map((table): Operator => {
      const made = table.int32s(schema.OPERATOR.outputs);
      return {
        code: this.codes[table.uint32(schema.OPERATOR.codeIndex)]!,
        inputs: table.int32s(schema.OPERATOR.inputs),
        outputs: made,
        options: table.table(schema.OPERATOR.options) ?? Table.EMPTY,
        name: this.tensors[made[0]!]!.name,
      };
    });
    const wanted = new Set(outputs);
    const kept = new Set<Operator>();
    for (const operator of all.toReversed()) {
      if (!operator.outputs.some((index) => wanted.has(index))) continue;
      kept.add(operator);
      for (const index of operator.inputs) wanted.add(index);
    }
    return all.filter((operator) => kept.has(operator));
  }

  // ------------------------------------------------------------------------------------------- tensors

  private input(index: number): void {
    const { name, shape } = this.tensors[index]!;
    const given = this.options.inputShapes?.[name];
    const own = shape.length === 4 ? imageDims(shape) : shape;
    if (given && given.length !== own.length) {
      throw new ImportError(
        `Input '${name}' has ${own.length} dimensions, found ${given.length} in its shape`,
      );
    }
    if (given && own.length === 4 && given[1] !== own[1]) {
      throw new ImportError(`Input '${name}' has ${own[1]} channels, found ${given[1]} in its shape`);
    }
    const dims = given ?? own;
    const source = dims.length === 4 ? [dims[0]!, dims[2]!, dims[3]!, dims[1]!] : dims;
    this.values.set(index, this.t.input(name, this.dtype(index), source));
  }

  private checkInputNames(indices: readonly number[]): void {
    const names = indices.map((index) => this.tensors[index]!.name);
    for (const name of Object.keys(this.options.inputShapes ?? {})) {
      if (!names.includes(name)) {
        throw new ImportError(`The TFLite file has no input '${name}'; it has ${names.join(', ')}`);
      }
    }
  }

  private dtype(index: number): DataType {
    const { name, table } = this.tensors[index]!;
    const number = table.int8(schema.TENSOR.type);
    const dtype = schema.TENSOR_TYPES[number];
    if (dtype === undefined)
      throw new ImportError(`Tensor '${name}' has element type ${number}, which is not supported`);
    if (table.table(schema.TENSOR.quantization)?.float32s(schema.QUANTIZATION.scale).length) {
      throw new ImportError(
        `Tensor '${name}' is quantised (${dtype} with a scale); only float networks can be imported`,
      );
    }
    return dtype;
  }

  /** The value of a tensor: what an operator made, an input, or a constant of the file. */
  private value(index: number): Value {
    const made = this.values.get(index);
    if (made) return made;
    const constant = this.t.constant(this.constant(index));
    this.values.set(index, constant);
    return constant;
  }

  private constant(index: number): Tensor {
    const { name, shape, table } = this.tensors[index]!;
    const dtype = this.dtype(index);
    if (table.has(schema.TENSOR.sparsity)) {
      throw new ImportError(`Tensor '${name}' is sparse; only dense networks can be imported`);
    }
    const data = this.bufferData(table.uint32(schema.TENSOR.buffer));
    const size = (elementCount(shape) * bitsPerElement(dtype)!) / 8;
    if (data.length !== size) {
      throw new ImportError(
        `Tensor '${name}' of type ${dtype} and shape [${shape.join(', ')}] needs ${size} bytes, found ${data.length}`,
      );
    }
    return { name, dtype, dims: shape, data };
  }

  private bufferData(index: number): Uint8Array {
    const buffer = this.buffers[index];
    if (!buffer) return new Uint8Array();
    // Files beyond 2 GiB keep their buffers behind the FlatBuffer; an offset of 0 or 1 says that this one does not.
    const offset = buffer.uint64(schema.BUFFER.offset);
    if (offset > 1) return this.bytes.subarray(offset, offset + buffer.uint64(schema.BUFFER.size));
    return buffer.bytes(schema.BUFFER.data);
  }

  // ----------------------------------------------------------------------------------------- operators

  private translate(operator: Operator): Value[] {
    const translate = OPERATORS[operator.code];
    if (!translate) throw unsupported(operator.code, operator.name, 'it has no translation');
    return [
      translate({
        t: this.t,
        operator,
        name: operator.name,
        options: operator.options,
        count: operator.inputs.filter((index) => index >= 0).length,
        input: (i) => {
          const index = operator.inputs[i];
          if (index === undefined || index < 0) {
            throw unsupported(operator.code, operator.name, `it has no input ${i}`);
          }
          return this.value(index);
        },
        fileShape: (i) => this.tensors[operator.inputs[i]!]!.shape,
        resultShape: this.tensors[operator.outputs[0]!]!.shape,
      }),
    ];
  }
}

function operatorName(table: Table): string {
  const code = Math.max(
    table.int8(schema.OPERATOR_CODE.deprecatedCode),
    table.int32(schema.OPERATOR_CODE.code),
  );
  const name = schema.OPERATORS[code] ?? `number ${code}`;
  return name === 'CUSTOM' ? `CUSTOM ${table.string(schema.OPERATOR_CODE.customCode)}` : name;
}

/** What a translation may look at. */
interface Call {
  readonly t: Translation;
  readonly operator: Operator;
  /** The name of the result. */
  readonly name: string;
  readonly options: Table;
  /** How many inputs are present. */
  readonly count: number;
  input(i: number): Value;
  /** The shape of input i as the file has it, before any of `inputShapes`. */
  fileShape(i: number): readonly number[];
  readonly resultShape: readonly number[];
}

function padding(call: Call, field: number): 'SAME' | 'VALID' {
  const number = call.options.int8(field);
  const found = schema.PADDINGS[number];
  if (!found) throw unsupported(call.operator.code, call.name, `padding ${number} is unknown`);
  return found;
}

/** The result of an operator followed by the activation function fused into it. */
function fused(call: Call, field: number, make: (output: string) => Value): Value {
  const number = call.options.int8(field);
  const activation = schema.ACTIVATIONS[number];
  const linear = `${call.name}/linear`;
  switch (activation) {
    case 'NONE':
      return make(call.name);
    case 'RELU':
      return tf.activate(call.t, call.name, make(linear), 'Relu');
    case 'RELU6':
      return tf.activate(call.t, call.name, make(linear), 'Relu6');
    case 'RELU_N1_TO_1':
      return tf.activate(call.t, call.name, make(linear), 'ReluN1To1');
    case 'TANH':
      return tf.activate(call.t, call.name, make(linear), 'Tanh');
    default:
      throw unsupported(
        call.operator.code,
        call.name,
        `the fused activation function ${activation ?? number} is not supported`,
      );
  }
}

/** A constant with its axes permuted, as a constant again. */
const permuted = (call: Call, value: Value, perm: readonly number[]): Value =>
  call.t.constant(transposeTensor(tf.known(value, call.operator.code, 'weights'), perm));

type Translate = (call: Call) => Value;

const unary =
  (op: string): Translate =>
  ({ t, name, input }) =>
    tf.unary(t, op, name, input(0));

const arithmetic =
  (op: string): Translate =>
  (call) =>
    fused(call, schema.ARITHMETIC.activation, (output) =>
      tf.binary(call.t, op, output, call.input(0), call.input(1)),
    );

const reduction =
  (op: string): Translate =>
  ({ t, name, input, operator, options }) =>
    tf.reduce(
      t,
      op,
      name,
      input(0),
      tf.knownIntegers(input(1), operator.code, 'axes'),
      options.bool(schema.REDUCER.keepDims),
    );

const pooling =
  (op: 'MaxPool' | 'AveragePool'): Translate =>
  (call) =>
    fused(call, schema.POOL_2D.activation, (output) =>
      tf.pool(call.t, op, output, call.input(0), {
        kernel: [
          call.options.int32(schema.POOL_2D.filterHeight),
          call.options.int32(schema.POOL_2D.filterWidth),
        ],
        strides: [call.options.int32(schema.POOL_2D.strideH), call.options.int32(schema.POOL_2D.strideW)],
        padding: padding(call, schema.POOL_2D.padding),
      }),
    );

const padded: Translate = ({ t, name, input, operator, count }) => {
  const amounts = tf.knownIntegers(input(1), operator.code, 'paddings');
  const value = count > 2 ? float32Values(tf.known(input(2), operator.code, 'padding value'))[0]! : 0;
  return tf.pad(t, name, input(0), amounts, 'constant', value);
};

const resizing =
  (mode: 'linear' | 'nearest', fields: { alignCorners: number; halfPixelCenters: number }): Translate =>
  (call) => {
    const { t, name, input, options, operator } = call;
    const x = input(0);
    const size = tf.knownIntegers(input(1), operator.code, 'size') as [number, number];
    const settings = {
      mode,
      alignCorners: options.bool(fields.alignCorners),
      halfPixelCenters: options.bool(fields.halfPixelCenters),
    };
    if (typeof x.dims[1] === 'number' && typeof x.dims[2] === 'number') {
      const same = x.dims[1] === call.fileShape(0)[1] && x.dims[2] === call.fileShape(0)[2];
      if (same) return tf.resize(t, name, x, { ...settings, to: { size } });
    }
    // The file's sizes hold for the file's input alone; for another, what they say is a factor.
    const [, height, width] = call.fileShape(0);
    const scale = [size[0] / height!, size[1] / width!] as const;
    if (!scale.every(Number.isInteger)) {
      throw unsupported(
        operator.code,
        name,
        `from ${height}×${width} to ${size.join('×')} is no whole factor that would hold for other sizes`,
      );
    }
    return tf.resize(t, name, x, { ...settings, to: { scale } });
  };

/**
 * The file's new shape as it holds for the dimensions that `inputShapes` made different: the batch is carried
 * over, and one dimension takes what remains.
 */
function openShape(call: Call, from: Shape, shape: readonly number[]): number[] {
  const file = call.fileShape(0);
  const changed = from.map((d, axis) => d !== file[axis]);
  if (!changed.includes(true) || shape.includes(-1)) return [...shape];
  const open = [...shape];
  const batch = changed[0] === true && shape[0] === file[0];
  if (batch) open[0] = 0;
  const first = batch ? 1 : 0;
  if (!changed.includes(true, first)) return open;
  // What does not change must be a multiple of all new dimensions but the one that takes the rest.
  const steady = elementCount(file.filter((_, axis) => axis >= first && !changed[axis]));
  const candidates = shape.flatMap((_, k) => {
    const others = elementCount(shape.filter((_, axis) => axis >= first && axis !== k));
    return k >= first && steady % others === 0 ? [k] : [];
  });
  if (candidates.length !== 1) {
    throw unsupported(
      call.operator.code,
      call.name,
      `the shape [${shape.join(', ')}] does not say which dimension follows the input's size`,
    );
  }
  open[candidates[0]!] = -1;
  return open;
}

const OPERATORS: Readonly<Record<string, Translate>> = {
  ADD: arithmetic('Add'),
  SUB: arithmetic('Sub'),
  MUL: arithmetic('Mul'),
  DIV: arithmetic('Div'),
  MAXIMUM: ({ t, name, input }) => tf.binary(t, 'Max', name, input(0), input(1)),
  MINIMUM: ({ t, name, input }) => tf.binary(t, 'Min', name, input(0), input(1)),

  RELU: unary('Relu'),
  RELU6: ({ t, name, input }) => tf.activate(t, name, input(0), 'Relu6'),
  RELU_N1_TO_1: ({ t, name, input }) => tf.activate(t, name, input(0), 'ReluN1To1'),
  LOGISTIC: unary('Sigmoid'),
  TANH: unary('Tanh'),
  ELU: unary('Elu'),
  HARD_SWISH: unary('HardSwish'),
  EXP: unary('Exp'),
  SQRT: unary('Sqrt'),
  ABS: unary('Abs'),
  NEG: unary('Neg'),
  LEAKY_RELU: ({ t, name, input, options }) =>
    tf.leakyRelu(t, name, input(0), options.float32(schema.LEAKY_RELU.alpha)),
  PRELU: ({ t, name, input }) => tf.binary(t, 'PRelu', name, input(0), input(1)),
  SOFTMAX: ({ t, name, input, options }) => {
    const beta = options.float32(schema.SOFTMAX.beta);
    if (beta === 1) return tf.softmax(t, name, input(0));
    const scale = t.constant(float32(`${name}/beta`, [], [beta]));
    return tf.softmax(t, name, tf.binary(t, 'Mul', `${name}/scaled`, input(0), scale));
  },

  CONV_2D: (call) =>
    fused(call, schema.CONV_2D.activation, (output) => {
      const { t, input, options, count } = call;
      return tf.convolution(t, output, input(0), {
        weights: permuted(call, input(1), [1, 2, 3, 0]),
        bias: count > 2 ? input(2) : undefined,
        strides: [options.int32(schema.CONV_2D.strideH), options.int32(schema.CONV_2D.strideW)],
        dilations: [options.int32(schema.CONV_2D.dilationH, 1), options.int32(schema.CONV_2D.dilationW, 1)],
        padding: padding(call, schema.CONV_2D.padding),
      });
    }),
  DEPTHWISE_CONV_2D: (call) =>
    fused(call, schema.DEPTHWISE_CONV_2D.activation, (output) => {
      const { t, input, options, operator, count } = call;
      const channels = input(0).dims[3];
      const weights = tf.known(input(1), operator.code, 'weights');
      const [, kh, kw, outputs] = weights.dims as [number, number, number, number];
      if (typeof channels !== 'number' || outputs % channels !== 0) {
        throw unsupported(operator.code, call.name, `${outputs} filters for ${channels} channels`);
      }
      return tf.depthwiseConvolution(t, output, input(0), {
        weights: t.constant({ ...weights, dims: [kh, kw, channels, outputs / channels] }),
        bias: count > 2 ? input(2) : undefined,
        strides: [
          options.int32(schema.DEPTHWISE_CONV_2D.strideH),
          options.int32(schema.DEPTHWISE_CONV_2D.strideW),
        ],
        dilations: [
          options.int32(schema.DEPTHWISE_CONV_2D.dilationH, 1),
          options.int32(schema.DEPTHWISE_CONV_2D.dilationW, 1),
        ],
        padding: padding(call, schema.DEPTHWISE_CONV_2D.padding),
      });
    }),
  TRANSPOSE_CONV: (call) =>
    fused(call, schema.TRANSPOSE_CONV.activation, (output) => {
      const { t, input, options, operator, count } = call;
      const made = tf.transposedConvolution(t, output, input(2), {
        weights: permuted(call, input(1), [1, 2, 0, 3]),
        bias: count > 3 ? input(3) : undefined,
        strides: [options.int32(schema.TRANSPOSE_CONV.strideH), options.int32(schema.TRANSPOSE_CONV.strideW)],
        dilations: [1, 1],
        padding: padding(call, schema.TRANSPOSE_CONV.padding),
      });
      const declared = call.resultShape;
      const fixed = input(2).dims.every((d, axis) => d === call.fileShape(2)[axis]);
      if (fixed && made.dims.some((d, axis) => d !== declared[axis])) {
        throw unsupported(
          operator.code,
          call.name,
          `it asks for the shape [${declared.join(', ')}] where its strides make [${made.dims.join(', ')}]`,
        );
      }
      return made;
    }),
  MAX_POOL_2D: pooling('MaxPool'),
  AVERAGE_POOL_2D: pooling('AveragePool'),
  FULLY_CONNECTED: (call) =>
    fused(call, schema.FULLY_CONNECTED.activation, (output) => {
      const { t, input, options, operator, count } = call;
      if (options.int8(schema.FULLY_CONNECTED.weightsFormat) !== 0) {
        throw unsupported(operator.code, call.name, 'shuffled weights are not supported');
      }
      const weights = input(1);
      const x = input(0);
      if (x.dims.length !== 2 && options.bool(schema.FULLY_CONNECTED.keepNumDims)) {
        throw unsupported(operator.code, call.name, 'keep_num_dims is supported for two dimensions only');
      }
      const flat =
        x.dims.length === 2 && x.dims[1] === weights.dims[1]
          ? x
          : tf.reshape(t, `${output}/flat`, x, [-1, weights.dims[1] as number]);
      return tf.dense(t, output, flat, weights, count > 2 ? input(2) : undefined, {
        x: false,
        weights: true,
      });
    }),

  MEAN: reduction('ReduceMean'),
  SUM: reduction('ReduceSum'),
  REDUCE_MAX: reduction('ReduceMax'),
  CONCATENATION: (call) =>
    fused(call, schema.CONCATENATION.activation, (output) =>
      tf.concat(
        call.t,
        output,
        Array.from({ length: call.count }, (_, i) => call.input(i)),
        call.options.int32(schema.CONCATENATION.axis),
      ),
    ),
  PAD: padded,
  PADV2: padded,
  RESIZE_BILINEAR: resizing('linear', schema.RESIZE_BILINEAR),
  RESIZE_NEAREST_NEIGHBOR: resizing('nearest', schema.RESIZE_NEAREST),
  DEPTH_TO_SPACE: ({ t, name, input, options }) =>
    tf.depthToSpace(t, name, input(0), options.int32(schema.DEPTH_TO_SPACE.blockSize)),
  RESHAPE: (call) => {
    const { t, name, input, resultShape } = call;
    return tf.reshape(t, name, input(0), openShape(call, input(0).dims, resultShape));
  },
  SQUEEZE: ({ t, name, input, options }) =>
    tf.squeeze(t, name, input(0), options.int32s(schema.SQUEEZE.squeezeDims)),
  TRANSPOSE: ({ t, name, input, operator }) =>
    tf.transpose(t, name, input(0), tf.knownIntegers(input(1), operator.code, 'permutation')),

  DEQUANTIZE: ({ t, name, input, operator }) => {
    const from = tf.known(input(0), operator.code, 'input');
    if (from.dtype !== 'float16') {
      throw unsupported(operator.code, name, `its input is ${from.dtype}; only float16 can be widened`);
    }
    return t.constant(float32(name, from.dims, float32Values(from)));
  },
};
