/** The operators of TensorFlow.js graph models, a translation each. */
import { DATA_TYPES } from '../graph.js';
import { float32Values } from '../tensor.js';
import * as tf from './operators.js';
import type { SourceNode } from './source-node.js';
import type { TfjsNode } from './tfjs-node.js';
import { asPlain, IMAGE_AXIS, type SourceValue } from './translation.js';

type Translate = (node: TfjsNode) => SourceValue | readonly SourceValue[];

const unary =
  (op: string): Translate =>
  (n) =>
    tf.unary(n, op, n.input(0));

const binary =
  (op: string): Translate =>
  (n) =>
    tf.binary(n, op, n.input(0), n.input(1));

const reduction =
  (op: string): Translate =>
  (n) =>
    tf.reduce(n, op, n.input(0), n.integers(1, 'axes'), n.bool('keep_dims'));

const identity: Translate = (n) => n.input(0);

/** A limit on x if one operand is a constant number; runtimes fuse a Clip into the operator before it. */
const limit =
  (op: 'Min' | 'Max'): Translate =>
  (n) => {
    const [a, b] = [n.input(0), n.input(1)];
    const x = scalar(b) === undefined ? b : a;
    const bound = scalar(x === a ? b : a);
    if (bound === undefined || x.constant || x.dtype !== 'float32') return tf.binary(n, op, a, b);
    return op === 'Min' ? tf.clip(n, x, undefined, bound) : tf.clip(n, x, bound, undefined);
  };

const scalar = (value: SourceValue): number | undefined =>
  value.constant && value.dims.length === 0 ? float32Values(value.constant)[0] : undefined;

const pooling =
  (op: 'MaxPool' | 'AveragePool'): Translate =>
  (n) => {
    n.requireNhwc();
    return tf.pool(n, op, n.input(0), {
      kernel: n.pair('ksize'),
      strides: n.pair('strides'),
      padding: n.padding(),
    });
  };

type Convolve = (n: SourceNode, x: SourceValue, c: tf.Convolution) => SourceValue;

const convolution =
  (convolve: Convolve): Translate =>
  (n) => {
    n.requireNhwc();
    return fused(n, (m, bias) =>
      convolve(m, n.input(0), {
        weights: n.constant(1, 'weights'),
        bias,
        strides: n.pair('strides'),
        dilations: n.pair('dilations'),
        padding: n.padding(),
      }),
    );
  };

const dense: Translate = (n) =>
  fused(n, (m, bias) =>
    tf.dense(m, n.input(0), n.input(1), bias, {
      x: n.bool('transpose_a'),
      weights: n.bool('transpose_b'),
    }),
  );

/**
 * An operator, under an intermediate name if more follows, with the bias and the activation function named by its
 * `fused_ops`.
 */
function fused(
  n: TfjsNode,
  make: (m: SourceNode, bias: SourceValue | undefined) => SourceValue,
): SourceValue {
  const steps = n.strings('fused_ops');
  const bias = steps[0] === 'BiasAdd' ? n.input(2) : undefined;
  const rest = bias ? steps.slice(1) : steps;
  const [activation] = rest;
  if (rest.length > 1) n.fail(`the fused operators ${steps.join(', ')} are not supported`);
  if (activation === undefined) return make(n, bias);
  const linear = () => make(n.part('linear'), bias);
  switch (activation) {
    case 'Relu':
    case 'Relu6':
    case 'Elu':
    case 'Sigmoid':
    case 'Tanh':
      return tf.activate(n, linear(), activation);
    case 'LeakyRelu':
      return tf.leakyRelu(n, linear(), n.float('leakyrelu_alpha', LEAKY_RELU_ALPHA));
    case 'Prelu':
      return tf.binary(n, 'PRelu', linear(), n.input(bias ? 3 : 2));
    default:
      return n.fail(`the fused operator ${activation} is not supported`);
  }
}

/** TensorFlow's default: https://www.tensorflow.org/api_docs/python/tf/raw_ops/LeakyRelu */
const LEAKY_RELU_ALPHA = 0.2;

const transposedConvolution: Translate = (n) => {
  n.requireNhwc();
  const expected = n.integers(0, 'output shape');
  const made = tf.transposedConvolution(n, n.input(2), {
    weights: n.constant(1, 'weights'),
    strides: n.pair('strides'),
    dilations: n.pair('dilations'),
    padding: n.padding(),
  });
  if (made.dims[1] !== expected[1] || made.dims[2] !== expected[2]) {
    n.fail(
      `it asks for a size of ${expected.slice(1, 3).join('×')} where its strides make ${made.dims.slice(1, 3).join('×')}`,
    );
  }
  return made;
};

const resizing =
  (mode: 'linear' | 'nearest'): Translate =>
  (n) => {
    const [height, width] = n.integers(1, 'size');
    return tf.resize(n, n.input(0), {
      mode,
      alignCorners: n.bool('align_corners'),
      halfPixelCenters: n.bool('half_pixel_centers'),
      to: { size: [height!, width!] },
    });
  };

const batchNormalization: Translate = (n) => {
  n.requireNhwc();
  if (n.bool('is_training')) n.fail('it normalises by the batch, not by stored statistics');
  return tf.batchNormalization(
    n,
    n.input(0),
    [n.input(1), n.input(2), n.input(3), n.input(4)],
    n.float('epsilon', BATCH_NORM_EPSILON),
  );
};

/** TensorFlow's default: https://www.tensorflow.org/api_docs/python/tf/raw_ops/FusedBatchNormV3 */
const BATCH_NORM_EPSILON = 1e-4;

const stridedSlice: Translate = (n) => {
  for (const mask of ['ellipsis_mask', 'new_axis_mask']) {
    if (n.int(mask) !== 0) n.fail(`${mask} is not supported`);
  }
  const has = (mask: string, axis: number) => (n.int(mask) & (1 << axis)) !== 0;
  const [begin, end, strides] = [n.integers(1, 'begin'), n.integers(2, 'end'), n.integers(3, 'strides')];
  const ranges = begin.map((from, axis): tf.Range => {
    // A removed axis (shrink_axis_mask) reads one element, whatever its end is.
    if (has('shrink_axis_mask', axis)) return { from, to: from === -1 ? undefined : from + 1, step: 1 };
    return {
      from: has('begin_mask', axis) ? undefined : from,
      to: has('end_mask', axis) ? undefined : end[axis]!,
      step: strides[axis]!,
    };
  });
  const shrunk = begin.flatMap((_, axis) => (has('shrink_axis_mask', axis) ? [axis] : []));
  if (shrunk.length === 0) return tf.slice(n, n.input(0), ranges);
  return tf.squeeze(n, tf.slice(n.part('slice'), n.input(0), ranges), shrunk);
};

const slice: Translate = (n) => {
  const [begin, size] = [n.integers(1, 'begin'), n.integers(2, 'size')];
  const ranges = begin.map((from, axis) => ({
    from,
    to: size[axis] === -1 ? undefined : from + size[axis]!,
    step: 1,
  }));
  return tf.slice(n, n.input(0), ranges);
};

const split: Translate = (n) => {
  const count = n.int('num_split');
  const axis = n.integer(0, 'axis');
  const size = n.input(1).dims.at(axis);
  if (typeof size !== 'number') return n.fail('the size of the axis that it splits is not known');
  return tf.split(n, n.input(1), axis, new Array<number>(count).fill(size / count));
};

const splitBySizes: Translate = (n) => {
  const sizes = n.integers(1, 'sizes');
  return tf.split(n, n.input(0), n.integer(2, 'axis'), sizes);
};

const shape: Translate = (n) => {
  const x = n.input(0);
  const sizes = n.part('sizes').apply('Shape', [n.t.held(x)]);
  const order = x.image ? n.part('nhwc').apply('Gather', [sizes, n.list('order', IMAGE_AXIS)]) : sizes;
  return asPlain(n.apply('Cast', [order], { to: DATA_TYPES.int32 }));
};

const cast: Translate = (n) => tf.unary(n, 'Cast', n.input(0), { to: DATA_TYPES[n.elementType('DstT')] });

const mirrorPad: Translate = (n) => {
  const mode = n.string('mode', 'REFLECT');
  if (mode !== 'REFLECT') n.fail(`mode ${mode} is not supported, only REFLECT`);
  return tf.pad(n, n.input(0), n.integers(1, 'paddings'), 'reflect');
};

/** (a − b)² and 1 / √x as several operators. */
const squaredDifference: Translate = (n) => {
  const difference = tf.binary(n.part('difference'), 'Sub', n.input(0), n.input(1));
  return tf.square(n, difference);
};
const inverseRoot: Translate = (n) => tf.unary(n, 'Reciprocal', tf.unary(n.part('sqrt'), 'Sqrt', n.input(0)));

export const TFJS_OPERATORS: Readonly<Record<string, Translate>> = {
  Identity: identity,
  StopGradient: identity,

  Add: binary('Add'),
  AddV2: binary('Add'),
  BiasAdd: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  RealDiv: binary('Div'),
  Div: binary('Div'),
  Pow: binary('Pow'),
  SquaredDifference: squaredDifference,
  Maximum: limit('Max'),
  Minimum: limit('Min'),
  Prelu: binary('PRelu'),

  Relu: unary('Relu'),
  Relu6: (n) => tf.activate(n, n.input(0), 'Relu6'),
  LeakyRelu: (n) => tf.leakyRelu(n, n.input(0), n.float('alpha', LEAKY_RELU_ALPHA)),
  Elu: unary('Elu'),
  Softplus: unary('Softplus'),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  Abs: unary('Abs'),
  Neg: unary('Neg'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Sqrt: unary('Sqrt'),
  Rsqrt: inverseRoot,
  Reciprocal: unary('Reciprocal'),
  Square: (n) => tf.square(n, n.input(0)),
  Softmax: (n) => tf.softmax(n, n.input(0)),
  Cast: cast,

  Conv2D: convolution(tf.convolution),
  _FusedConv2D: convolution(tf.convolution),
  DepthwiseConv2dNative: convolution(tf.depthwiseConvolution),
  FusedDepthwiseConv2dNative: convolution(tf.depthwiseConvolution),
  Conv2DBackpropInput: transposedConvolution,
  MaxPool: pooling('MaxPool'),
  AvgPool: pooling('AveragePool'),
  MatMul: dense,
  _FusedMatMul: dense,
  FusedBatchNorm: batchNormalization,
  FusedBatchNormV2: batchNormalization,
  FusedBatchNormV3: batchNormalization,

  Mean: reduction('ReduceMean'),
  Sum: reduction('ReduceSum'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),

  Reshape: (n) => tf.reshape(n, n.input(0), n.input(1)),
  Squeeze: (n) => tf.squeeze(n, n.input(0), n.ints('squeeze_dims')),
  ExpandDims: (n) => tf.expandDims(n, n.input(0), n.integer(1, 'axis')),
  Transpose: (n) => tf.transpose(n, n.input(0), n.integers(1, 'permutation')),
  ConcatV2: (n) => tf.concat(n, n.inputs(0, -1), n.integer(n.inputs().length - 1, 'axis')),
  Pack: (n) => tf.pack(n, n.inputs(), n.int('axis')),
  Split: split,
  SplitV: splitBySizes,
  StridedSlice: stridedSlice,
  Slice: slice,
  Shape: shape,
  Pad: (n) => tf.pad(n, n.input(0), n.integers(1, 'paddings'), 'constant'),
  PadV2: (n) =>
    tf.pad(
      n,
      n.input(0),
      n.integers(1, 'paddings'),
      'constant',
      float32Values(n.constant(2, 'padding value'))[0]!,
    ),
  MirrorPad: mirrorPad,
  ResizeBilinear: resizing('linear'),
  ResizeNearestNeighbor: resizing('nearest'),
  DepthToSpace: (n) => {
    n.requireNhwc();
    return tf.depthToSpace(n, n.input(0), n.int('block_size'));
  },
};
