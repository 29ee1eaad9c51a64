/** The operators of TFLite files, a translation each. */
import type { Shape } from '../graph.js';
import { elementCount, float32, float32Values } from '../tensor.js';
import type { Table } from './flatbuffer.js';
import * as tf from './operators.js';
import { SourceNode, type Sources } from './source-node.js';
import * as schema from './tflite-schema.js';
import { type SourceValue, type Translation, transposeTensor } from './translation.js';

/** An operator of a file, with its options and the shapes that the file states. */
export class TfliteNode extends SourceNode {
  constructor(
    t: Translation,
    code: string,
    name: string,
    sources: Sources,
    readonly options: Table,
    /** The shapes of the inputs, before any of `inputShapes`. */
    private readonly shapes: readonly (readonly number[])[],
    readonly resultShape: readonly number[],
  ) {
    super(t, code, name, sources);
  }

  /** The shape of input `i` in the file. */
  fileShape(i: number): readonly number[] {
    return this.shapes[i]!;
  }

  /** Numbers for height and width. */
  pair(height: number, width: number, fallback = 0): tf.Pair {
    return [this.options.int32(height, fallback), this.options.int32(width, fallback)];
  }

  padding(field: number): 'SAME' | 'VALID' {
    const number = this.options.int8(field);
    return schema.PADDINGS[number] ?? this.fail(`padding ${number} is unknown`);
  }
}

type Translate = (n: TfliteNode) => SourceValue;

const ACTIVATIONS: Readonly<Record<string, tf.Activation>> = {
  RELU: 'Relu',
  RELU6: 'Relu6',
  RELU_N1_TO_1: 'ReluN1To1',
  TANH: 'Tanh',
};

/** The result of an operator, under an intermediate name if an activation is fused, followed by that activation. */
function fused(n: TfliteNode, field: number, make: (m: SourceNode) => SourceValue): SourceValue {
  const number = n.options.int8(field);
  const name = schema.ACTIVATIONS[number] ?? String(number);
  if (name === 'NONE') return make(n);
  const activation = ACTIVATIONS[name] ?? n.fail(`the fused activation function ${name} is not supported`);
  return tf.activate(n, make(n.part('linear')), activation);
}

const unary =
  (op: string): Translate =>
  (n) =>
    tf.unary(n, op, n.input(0));

const binary =
  (op: string): Translate =>
  (n) =>
    tf.binary(n, op, n.input(0), n.input(1));

const arithmetic =
  (op: string): Translate =>
  (n) =>
    fused(n, schema.ARITHMETIC.activation, (m) => tf.binary(m, op, n.input(0), n.input(1)));

const activation =
  (name: tf.Activation): Translate =>
  (n) =>
    tf.activate(n, n.input(0), name);

const reduction =
  (op: string): Translate =>
  (n) =>
    tf.reduce(n, op, n.input(0), n.integers(1, 'axes'), n.options.bool(schema.REDUCER.keepDims));

const pooling =
  (op: 'MaxPool' | 'AveragePool'): Translate =>
  (n) => {
    const { filterHeight, filterWidth, strideH, strideW, padding, activation } = schema.POOL_2D;
    return fused(n, activation, (m) =>
      tf.pool(m, op, n.input(0), {
        kernel: n.pair(filterHeight, filterWidth),
        strides: n.pair(strideH, strideW),
        padding: n.padding(padding),
      }),
    );
  };

const convolution: Translate = (n) => {
  const { strideH, strideW, dilationH, dilationW, padding, activation } = schema.CONV_2D;
  return fused(n, activation, (m) =>
    tf.convolution(m, n.input(0), {
      weights: transposeTensor(n.constant(1, 'weights'), [1, 2, 3, 0]),
      bias: n.optional(2),
      strides: n.pair(strideH, strideW),
      dilations: n.pair(dilationH, dilationW, 1),
      padding: n.padding(padding),
    }),
  );
};

const depthwiseConvolution: Translate = (n) => {
  const { strideH, strideW, dilationH, dilationW, padding, activation } = schema.DEPTHWISE_CONV_2D;
  return fused(n, activation, (m) => {
    const channels = n.input(0).dims[3];
    const weights = n.constant(1, 'weights');
    const [, kh = 0, kw = 0, outputs = 0] = weights.dims;
    if (typeof channels !== 'number' || outputs % channels !== 0) {
      return n.fail(`${outputs} filters for ${channels} channels`);
    }
    return tf.depthwiseConvolution(m, n.input(0), {
      weights: { ...weights, dims: [kh, kw, channels, outputs / channels] },
      bias: n.optional(2),
      strides: n.pair(strideH, strideW),
      dilations: n.pair(dilationH, dilationW, 1),
      padding: n.padding(padding),
    });
  });
};

const transposedConvolution: Translate = (n) => {
  const { strideH, strideW, padding, activation } = schema.TRANSPOSE_CONV;
  return fused(n, activation, (m) => {
    const x = n.input(2);
    const made = tf.transposedConvolution(m, x, {
      weights: transposeTensor(n.constant(1, 'weights'), [1, 2, 0, 3]),
      bias: n.optional(3),
      strides: n.pair(strideH, strideW),
      dilations: [1, 1],
      padding: n.padding(padding),
    });
    const declared = n.resultShape;
    const fixed = x.dims.every((d, axis) => d === n.fileShape(2)[axis]);
    if (fixed && made.dims.some((d, axis) => d !== declared[axis])) {
      n.fail(
        `it asks for the shape [${declared.join(', ')}] where its strides make [${made.dims.join(', ')}]`,
      );
    }
    return made;
  });
};

const fullyConnected: Translate = (n) => {
  const { activation, weightsFormat, keepNumDims } = schema.FULLY_CONNECTED;
  return fused(n, activation, (m) => {
    if (n.options.int8(weightsFormat) !== 0) n.fail('shuffled weights are not supported');
    const [x, weights] = [n.input(0), n.input(1)];
    if (x.dims.length !== 2 && n.options.bool(keepNumDims)) {
      n.fail('keep_num_dims is supported for two dimensions only');
    }
    const inner = Number(weights.dims[1]);
    const fits = x.dims.length === 2 && x.dims[1] === inner;
    const flat = fits ? x : tf.reshape(m.part('flat'), x, [-1, inner]);
    return tf.dense(m, flat, weights, n.optional(2), { x: false, weights: true });
  });
};

const padded: Translate = (n) => {
  const value = n.optional(2) ? float32Values(n.constant(2, 'padding value'))[0] : 0;
  return tf.pad(n, n.input(0), n.integers(1, 'paddings'), 'constant', value);
};

const resizing =
  (mode: 'linear' | 'nearest', fields: { alignCorners: number; halfPixelCenters: number }): Translate =>
  (n) => {
    const x = n.input(0);
    const [toHeight = 0, toWidth = 0] = n.integers(1, 'size');
    const settings = {
      mode,
      alignCorners: n.options.bool(fields.alignCorners),
      halfPixelCenters: n.options.bool(fields.halfPixelCenters),
    };
    const [, height = 0, width = 0] = n.fileShape(0);
    if (x.dims[1] === height && x.dims[2] === width) {
      return tf.resize(n, x, { ...settings, to: { size: [toHeight, toWidth] } });
    }
    // The file's sizes hold only for the file's input size; for others they give a factor.
    const scale = [toHeight / height, toWidth / width] as const;
    if (!scale.every(Number.isInteger)) {
      n.fail(`from ${height}×${width} to ${toHeight}×${toWidth} is not a whole factor valid for other sizes`);
    }
    return tf.resize(n, x, { ...settings, to: { scale } });
  };

/**
 * The file's target shape, adapted to the dimensions changed by `inputShapes`: the batch is passed through, and one
 * dimension takes the rest.
 */
function openShape(n: TfliteNode, from: Shape, shape: readonly number[]): number[] {
  const file = n.fileShape(0);
  const changed = from.map((d, axis) => d !== file[axis]);
  if (!changed.includes(true) || shape.includes(-1)) return [...shape];
  const open = [...shape];
  const batch = changed[0] === true && shape[0] === file[0];
  if (batch) open[0] = 0;
  const first = batch ? 1 : 0;
  if (!changed.includes(true, first)) return open;
  // The fixed dimensions must be divisible by all new dimensions except the one that takes the rest.
  const steady = elementCount(file.filter((_, axis) => axis >= first && !changed[axis]));
  const candidates = shape.flatMap((_, k) => {
    const others = elementCount(shape.filter((_, axis) => axis >= first && axis !== k));
    return k >= first && steady % others === 0 ? [k] : [];
  });
  if (candidates.length !== 1) {
    n.fail(`the shape [${shape.join(', ')}] does not say which dimension follows the input's size`);
  }
  open[candidates[0]!] = -1;
  return open;
}

const softmax: Translate = (n) => {
  const beta = n.options.float32(schema.SOFTMAX.beta);
  if (beta === 1) return tf.softmax(n, n.input(0));
  const scale = n.t.constant(float32(`${n.name}/beta`, [], [beta]));
  return tf.softmax(n, tf.binary(n.part('scaled'), 'Mul', n.input(0), scale));
};

const dequantize: Translate = (n) => {
  const from = n.constant(0, 'input');
  if (from.dtype !== 'float16') n.fail(`its input is ${from.dtype}; only float16 can be widened`);
  return n.t.constant(float32(n.name, from.dims, float32Values(from)));
};

export const TFLITE_OPERATORS: Readonly<Record<string, Translate>> = {
  ADD: arithmetic('Add'),
  SUB: arithmetic('Sub'),
  MUL: arithmetic('Mul'),
  DIV: arithmetic('Div'),
  MAXIMUM: binary('Max'),
  MINIMUM: binary('Min'),
  PRELU: binary('PRelu'),

  RELU: activation('Relu'),
  RELU6: activation('Relu6'),
  RELU_N1_TO_1: activation('ReluN1To1'),
  LOGISTIC: activation('Sigmoid'),
  TANH: activation('Tanh'),
  ELU: activation('Elu'),
  HARD_SWISH: unary('HardSwish'),
  EXP: unary('Exp'),
  SQRT: unary('Sqrt'),
  ABS: unary('Abs'),
  NEG: unary('Neg'),
  LEAKY_RELU: (n) => tf.leakyRelu(n, n.input(0), n.options.float32(schema.LEAKY_RELU.alpha)),
  SOFTMAX: softmax,

  CONV_2D: convolution,
  DEPTHWISE_CONV_2D: depthwiseConvolution,
  TRANSPOSE_CONV: transposedConvolution,
  MAX_POOL_2D: pooling('MaxPool'),
  AVERAGE_POOL_2D: pooling('AveragePool'),
  FULLY_CONNECTED: fullyConnected,

  MEAN: reduction('ReduceMean'),
  SUM: reduction('ReduceSum'),
  REDUCE_MAX: reduction('ReduceMax'),
  CONCATENATION: (n) =>
    fused(n, schema.CONCATENATION.activation, (m) =>
      tf.concat(m, n.inputs(), n.options.int32(schema.CONCATENATION.axis)),
    ),
  PAD: padded,
  PADV2: padded,
  RESIZE_BILINEAR: resizing('linear', schema.RESIZE_BILINEAR),
  RESIZE_NEAREST_NEIGHBOR: resizing('nearest', schema.RESIZE_NEAREST),
  DEPTH_TO_SPACE: (n) => tf.depthToSpace(n, n.input(0), n.options.int32(schema.DEPTH_TO_SPACE.blockSize)),
  RESHAPE: (n) => tf.reshape(n, n.input(0), openShape(n, n.input(0).dims, n.resultShape)),
  SQUEEZE: (n) => tf.squeeze(n, n.input(0), n.options.int32s(schema.SQUEEZE.squeezeDims)),
  TRANSPOSE: (n) => tf.transpose(n, n.input(0), n.integers(1, 'permutation')),

  DEQUANTIZE: dequantize,
};
