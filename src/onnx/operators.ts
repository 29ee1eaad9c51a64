/**
 * The attributes of ONNX's operators, from opset 13 on: one table from which the builder's types and its conversions
 * are derived. https://onnx.ai/onnx/operators/
 *
 * A kind that ends in `!` is required. `dtype` is an element type by name, stored as its number.
 */
import { type AttributeInput, attribute, float, floats } from './attributes.js';
import { type Attribute, DATA_TYPES, type DataType, type Graph, type Tensor } from './graph.js';
import { splitOperator } from './opsets.js';

interface Kinds {
  int: number;
  ints: readonly number[];
  float: number;
  floats: readonly number[];
  string: string;
  strings: readonly string[];
  tensor: Tensor;
  graph: Graph;
  dtype: DataType;
}

type Kind = keyof Kinds;

interface OperatorSpec {
  /** The first opset with the operator, if later than 13. */
  readonly since?: number;
  /** Attributes that became inputs or were removed, and the opset of that change. */
  readonly until?: Readonly<Record<string, number>>;
  /** Attributes added after opset 13, and the opset that added them. */
  readonly from?: Readonly<Record<string, number>>;
  readonly attributes: Readonly<Record<string, Kind | `${Kind}!`>>;
}

const none = { attributes: {} } as const;
const axis = { attributes: { axis: 'int' } } as const;
const alpha = { attributes: { alpha: 'float' } } as const;
const window = { auto_pad: 'string', dilations: 'ints', pads: 'ints', strides: 'ints' } as const;
const pooling = { ...window, ceil_mode: 'int', kernel_shape: 'ints!' } as const;
const convolution = { ...window, group: 'int', kernel_shape: 'ints' } as const;
const reduction = {
  attributes: { axes: 'ints', keepdims: 'int', noop_with_empty_axes: 'int' },
  until: { axes: 18 },
  from: { noop_with_empty_axes: 18 },
} as const;
const argument = { attributes: { axis: 'int', keepdims: 'int', select_last_index: 'int' } } as const;
const recurrent = {
  activation_alpha: 'floats',
  activation_beta: 'floats',
  activations: 'strings',
  clip: 'float',
  direction: 'string',
  hidden_size: 'int!',
  layout: 'int',
} as const;
const scatter = { attributes: { axis: 'int', reduction: 'string' }, from: { reduction: 16 } } as const;
const uniform = { dtype: 'dtype', high: 'float', low: 'float', seed: 'float' } as const;
const normal = { dtype: 'dtype', mean: 'float', scale: 'float', seed: 'float' } as const;
const matrixFlags = {
  alpha: 'float',
  transA: 'int',
  transB: 'int',
  transBatchA: 'int',
  transBatchB: 'int',
} as const;

export const OPERATORS = {
  Abs: none,
  Acos: none,
  Acosh: none,
  Add: none,
  And: none,
  ArgMax: argument,
  ArgMin: argument,
  Asin: none,
  Asinh: none,
  Atan: none,
  Atanh: none,
  AveragePool: { attributes: { ...pooling, count_include_pad: 'int' }, from: { dilations: 19 } },
  BatchNormalization: {
    attributes: { epsilon: 'float', momentum: 'float', training_mode: 'int' },
    from: { training_mode: 14 },
  },
  Bernoulli: { since: 15, attributes: { dtype: 'dtype', seed: 'float' } },
  BitShift: { attributes: { direction: 'string!' } },
  BitwiseAnd: { since: 18, attributes: {} },
  BitwiseNot: { since: 18, attributes: {} },
  BitwiseOr: { since: 18, attributes: {} },
  BitwiseXor: { since: 18, attributes: {} },
  Cast: { attributes: { to: 'dtype!', saturate: 'int' }, from: { saturate: 19 } },
  CastLike: { since: 15, attributes: { saturate: 'int' }, from: { saturate: 19 } },
  Ceil: none,
  Celu: alpha,
  Clip: none,
  Compress: axis,
  Concat: { attributes: { axis: 'int!' } },
  Constant: {
    attributes: {
      value: 'tensor',
      value_float: 'float',
      value_floats: 'floats',
      value_int: 'int',
      value_ints: 'ints',
    },
  },
  ConstantOfShape: { attributes: { value: 'tensor' } },
  Conv: { attributes: convolution },
  ConvInteger: { attributes: convolution },
  ConvTranspose: { attributes: { ...convolution, output_padding: 'ints', output_shape: 'ints' } },
  Cos: none,
  Cosh: none,
  CumSum: { attributes: { exclusive: 'int', reverse: 'int' } },
  DepthToSpace: { attributes: { blocksize: 'int!', mode: 'string' } },
  DequantizeLinear: { attributes: { axis: 'int', block_size: 'int' }, from: { block_size: 21 } },
  Div: none,
  Dropout: { attributes: { seed: 'int' } },
  DynamicQuantizeLinear: none,
  Einsum: { attributes: { equation: 'string!' } },
  Elu: alpha,
  Equal: none,
  Erf: none,
  Exp: none,
  Expand: none,
  EyeLike: { attributes: { dtype: 'dtype', k: 'int' } },
  Flatten: axis,
  Floor: none,
  GRU: { attributes: { ...recurrent, linear_before_reset: 'int' }, from: { layout: 14 } },
  Gather: axis,
  GatherElements: axis,
  GatherND: { attributes: { batch_dims: 'int' } },
  Gelu: { since: 20, attributes: { approximate: 'string' } },
  Gemm: { attributes: { alpha: 'float', beta: 'float', transA: 'int', transB: 'int' } },
  GlobalAveragePool: none,
  GlobalLpPool: { attributes: { p: 'int' } },
  GlobalMaxPool: none,
  Greater: none,
  GreaterOrEqual: none,
  GridSample: { since: 16, attributes: { align_corners: 'int', mode: 'string', padding_mode: 'string' } },
  GroupNormalization: {
    since: 18,
    attributes: { epsilon: 'float', num_groups: 'int!', stash_type: 'int' },
    from: { stash_type: 21 },
  },
  HardSigmoid: { attributes: { alpha: 'float', beta: 'float' } },
  HardSwish: { since: 14, attributes: {} },
  Hardmax: axis,
  Identity: none,
  If: { attributes: { else_branch: 'graph!', then_branch: 'graph!' } },
  InstanceNormalization: { attributes: { epsilon: 'float' } },
  IsInf: { attributes: { detect_negative: 'int', detect_positive: 'int' } },
  IsNaN: none,
  LRN: { attributes: { alpha: 'float', beta: 'float', bias: 'float', size: 'int!' } },
  LSTM: { attributes: { ...recurrent, input_forget: 'int' }, from: { layout: 14 } },
  LayerNormalization: { since: 17, attributes: { axis: 'int', epsilon: 'float', stash_type: 'int' } },
  LeakyRelu: alpha,
  Less: none,
  LessOrEqual: none,
  Log: none,
  LogSoftmax: axis,
  Loop: { attributes: { body: 'graph!' } },
  LpNormalization: { attributes: { axis: 'int', p: 'int' } },
  LpPool: { attributes: { ...pooling, p: 'int' }, from: { ceil_mode: 18, dilations: 18 } },
  MatMul: none,
  MatMulInteger: none,
  Max: none,
  MaxPool: { attributes: { ...pooling, storage_order: 'int' } },
  Mean: none,
  MeanVarianceNormalization: { attributes: { axes: 'ints' } },
  Min: none,
  Mish: { since: 18, attributes: {} },
  Mod: { attributes: { fmod: 'int' } },
  Mul: none,
  Multinomial: { attributes: { dtype: 'dtype', sample_size: 'int', seed: 'float' } },
  Neg: none,
  NonMaxSuppression: { attributes: { center_point_box: 'int' } },
  NonZero: none,
  Not: none,
  OneHot: axis,
  Or: none,
  PRelu: none,
  Pad: { attributes: { mode: 'string' } },
  Pow: none,
  QLinearConv: { attributes: convolution },
  QLinearMatMul: none,
  QuantizeLinear: {
    attributes: { axis: 'int', block_size: 'int', output_dtype: 'dtype', saturate: 'int' },
    from: { block_size: 21, output_dtype: 21, saturate: 19 },
  },
  RNN: { attributes: recurrent, from: { layout: 14 } },
  RandomNormal: { attributes: { ...normal, shape: 'ints!' } },
  RandomNormalLike: { attributes: normal },
  RandomUniform: { attributes: { ...uniform, shape: 'ints!' } },
  RandomUniformLike: { attributes: uniform },
  Range: none,
  Reciprocal: none,
  ReduceL1: reduction,
  ReduceL2: reduction,
  ReduceLogSum: reduction,
  ReduceLogSumExp: reduction,
  ReduceMax: reduction,
  ReduceMean: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceSum: { attributes: { keepdims: 'int', noop_with_empty_axes: 'int' } },
  ReduceSumSquare: reduction,
  Relu: none,
  Reshape: { attributes: { allowzero: 'int' }, from: { allowzero: 14 } },
  Resize: {
    attributes: {
      antialias: 'int',
      axes: 'ints',
      coordinate_transformation_mode: 'string',
      cubic_coeff_a: 'float',
      exclude_outside: 'int',
      extrapolation_value: 'float',
      keep_aspect_ratio_policy: 'string',
      mode: 'string',
      nearest_mode: 'string',
    },
    from: { antialias: 18, axes: 18, keep_aspect_ratio_policy: 18 },
  },
  ReverseSequence: { attributes: { batch_axis: 'int', time_axis: 'int' } },
  RoiAlign: {
    attributes: {
      coordinate_transformation_mode: 'string',
      mode: 'string',
      output_height: 'int',
      output_width: 'int',
      sampling_ratio: 'int',
      spatial_scale: 'float',
    },
    from: { coordinate_transformation_mode: 16 },
  },
  Round: none,
  ScatterElements: scatter,
  ScatterND: { attributes: { reduction: 'string' }, from: { reduction: 16 } },
  Selu: { attributes: { alpha: 'float', gamma: 'float' } },
  Shape: { attributes: { end: 'int', start: 'int' }, from: { end: 15, start: 15 } },
  Shrink: { attributes: { bias: 'float', lambd: 'float' } },
  Sigmoid: none,
  Sign: none,
  Sin: none,
  Sinh: none,
  Size: none,
  Slice: none,
  Softmax: axis,
  Softplus: none,
  Softsign: none,
  SpaceToDepth: { attributes: { blocksize: 'int!' } },
  Split: { attributes: { axis: 'int', num_outputs: 'int' }, from: { num_outputs: 18 } },
  Sqrt: none,
  Squeeze: none,
  Sub: none,
  Sum: none,
  Tan: none,
  Tanh: none,
  ThresholdedRelu: alpha,
  Tile: none,
  TopK: { attributes: { axis: 'int', largest: 'int', sorted: 'int' } },
  Transpose: { attributes: { perm: 'ints' } },
  Trilu: { since: 14, attributes: { upper: 'int' } },
  Unsqueeze: none,
  Where: none,
  Xor: none,
  'com.microsoft.FusedConv': {
    attributes: { ...convolution, activation: 'string', activation_params: 'floats' },
  },
  'com.microsoft.FusedMatMul': { attributes: matrixFlags },
} as const satisfies Record<string, OperatorSpec>;

export type OperatorName = keyof typeof OPERATORS;

type Specs<K extends OperatorName> = (typeof OPERATORS)[K]['attributes'];
type Required_<S> = { [A in keyof S as S[A] extends `${string}!` ? A : never]: S[A] };
type Optional_<S> = { [A in keyof S as S[A] extends `${string}!` ? never : A]: S[A] };
type ValueOf<S> = S extends `${infer K extends Kind}!` ? Kinds[K] : S extends Kind ? Kinds[S] : never;

/** The attributes that operator `K` takes, as plain values; `{ epsilon: 1e-5 }` needs no mark for its kind. */
export type AttributesOf<K extends OperatorName> = keyof Specs<K> extends never
  ? Readonly<Record<string, never>>
  : {
      readonly [A in keyof Required_<Specs<K>>]: ValueOf<Required_<Specs<K>>[A]>;
    } & {
      readonly [A in keyof Optional_<Specs<K>>]?: ValueOf<Optional_<Specs<K>>[A]> | undefined;
    };

/**
 * The attributes of a node for plain values.
 * @throws TypeError if the operator does not have an attribute at this opset, a required one is missing, or a value has another kind: types rule this out at compile time, except for what depends on the opset.
 */
export function operatorAttributes(
  name: OperatorName,
  opset: number,
  values: Readonly<Record<string, unknown>>,
): Map<string, Attribute> {
  const spec: OperatorSpec = OPERATORS[name];
  const standard = splitOperator(name).domain === '';
  if (standard && opset < (spec.since ?? 0)) {
    throw new TypeError(`${name} came with opset ${spec.since}; this graph is of opset ${opset}`);
  }
  const result = new Map<string, Attribute>();
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const kind = spec.attributes[key]?.replace('!', '') as Kind | undefined;
    if (kind === undefined) {
      const known = Object.keys(spec.attributes).join(', ') || 'none';
      throw new TypeError(`${name} has no attribute '${key}'; it has: ${known}`);
    }
    const [from, until] = [spec.from?.[key], spec.until?.[key]];
    if (from !== undefined && opset < from) {
      throw new TypeError(
        `Attribute '${key}' of ${name} came with opset ${from}; this graph is of opset ${opset}`,
      );
    }
    if (until !== undefined && opset >= until) {
      throw new TypeError(
        `'${key}' of ${name} is an input since opset ${until}; this graph is of opset ${opset}`,
      );
    }
    result.set(key, convert(name, key, kind, value));
  }
  for (const [key, kind] of Object.entries(spec.attributes)) {
    if (kind.endsWith('!') && !result.has(key)) throw new TypeError(`${name} requires attribute '${key}'`);
  }
  return result;
}

function convert(name: string, key: string, kind: Kind, value: unknown): Attribute {
  if (kind === 'float') return float(value as number);
  if (kind === 'floats') return floats(value as number[]);
  if (kind === 'dtype') return { kind: 'int', value: DATA_TYPES[value as DataType] };
  if (kind === 'ints') return { kind: 'ints', value: [...(value as number[])] };
  if (kind === 'strings') {
    return { kind: 'strings', value: (value as string[]).map((s) => new TextEncoder().encode(s)) };
  }
  const made = attribute(value as AttributeInput);
  if (made.kind !== kind) {
    throw new TypeError(`Attribute '${key}' of ${name} must be ${kind}, found ${made.kind}`);
  }
  return made;
}
