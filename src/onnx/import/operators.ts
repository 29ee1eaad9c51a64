/**
 * TensorFlow's operators on images and their neighbours, written as ONNX nodes. Both importers call these, for the node
 * `n` of their file; dimensions, axes, paddings and weights are given in TensorFlow's order (NHWC, weights HWIO), and
 * the result is in the layout of `Translation`.
 */
import { type AttributeInput, float } from '../attributes.js';
import type { Value } from '../builder.js';
import { DATA_TYPES, type Dim, type Shape, type Tensor } from '../graph.js';
import { float32, integerValues } from '../tensor.js';
import { samePadding, windowExtent } from '../windows.js';
import type { SourceNode } from './source-node.js';
import {
  asHeld,
  asImage,
  asPlain,
  IMAGE_AXIS,
  positiveAxis,
  type SourceValue,
  transposeTensor,
} from './translation.js';

/** Height and width. */
export type Pair = readonly [number, number];

/** Padding by TensorFlow's rules, or rows above and below and columns left and right. */
export type Padding = 'SAME' | 'VALID' | readonly [top: number, left: number, bottom: number, right: number];

export interface Window {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/**
 * Rows or columns that SAME adds, or undefined if that depends on an unknown size.
 * https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
function sameTotal(size: Dim, kernel: number, stride: number, dilation: number): number | undefined {
  const extent = windowExtent(kernel, dilation);
  if (extent === 1) return 0;
  return typeof size === 'number' || stride === 1 ? samePadding(Number(size), extent, stride) : undefined;
}

/**
 * ONNX's padding attributes. SAME becomes explicit pads where they are known: at stride 1 they do not depend on the
 * size. Otherwise it is SAME_UPPER, ONNX's name for the same rule, which runtimes define without dilation.
 */
function paddingAttributes(n: SourceNode, dims: Shape, window: Window) {
  const { kernel, strides, dilations, padding } = window;
  if (padding === 'VALID') return {};
  if (padding !== 'SAME') return padding.some((p) => p !== 0) ? { pads: padding } : {};
  const rows = sameTotal(dims[1]!, kernel[0], strides[0], dilations[0]);
  const columns = sameTotal(dims[2]!, kernel[1], strides[1], dilations[1]);
  if (rows === undefined || columns === undefined) {
    if (dilations.some((d) => d !== 1)) {
      n.fail('SAME padding with both strides and dilations needs a fixed height and width');
    }
    return { auto_pad: 'SAME_UPPER' };
  }
  if (rows === 0 && columns === 0) return {};
  const top = rows >> 1;
  const left = columns >> 1;
  return { pads: [top, left, rows - top, columns - left] };
}

const windowAttributes = (window: Window) => ({
  ...(window.strides.some((s) => s !== 1) ? { strides: window.strides } : {}),
  ...(window.dilations.some((d) => d !== 1) ? { dilations: window.dilations } : {}),
});

// ------------------------------------------------------------------------------------------- convolutions

export interface Convolution {
  /** [H, W, I, O]. */
  readonly weights: Tensor;
  /** [O]. */
  readonly bias?: SourceValue | undefined;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

const biasInput = (n: SourceNode, bias: SourceValue | undefined) => bias && n.t.plain(bias);

function weightSizes(n: SourceNode, { dims }: Tensor): [number, number, number, number] {
  const [h, w, inputs, outputs] = dims;
  if (dims.length !== 4) n.fail(`its weights are of ${dims.length} dimensions, expected 4`);
  return [h!, w!, inputs!, outputs!];
}

/** Conv2D: x [N, H, W, G·I] with weights [H, W, I, O] gives [N, H', W', O]. */
export function convolution(n: SourceNode, x: SourceValue, c: Convolution): SourceValue {
  const [kh, kw, inputs] = weightSizes(n, c.weights);
  const window: Window = { ...c, kernel: [kh, kw] };
  const channels = x.dims[3];
  const group = typeof channels === 'number' ? channels / inputs : 1;
  if (!Number.isInteger(group)) n.fail(`weights for ${inputs} channels are given an input of ${channels}`);
  const weights = n.t.constantAs(c.weights, 'oihw', (w) => transposeTensor(w, [3, 2, 0, 1]));
  return asImage(
    n.apply('Conv', [n.t.image(x), weights, biasInput(n, c.bias)], {
      kernel_shape: [kh, kw],
      ...(group === 1 ? {} : { group }),
      ...windowAttributes(window),
      ...paddingAttributes(n, x.dims, window),
    }),
  );
}

/** DepthwiseConv2D: x [N, H, W, C] with weights [H, W, C, M] gives [N, H', W', C·M]. */
export function depthwiseConvolution(n: SourceNode, x: SourceValue, c: Convolution): SourceValue {
  const [kh, kw, channels, multiplier] = weightSizes(n, c.weights);
  const window: Window = { ...c, kernel: [kh, kw] };
  const weights = n.t.constantAs(c.weights, 'depthwise', (w) => ({
    ...transposeTensor(w, [2, 3, 0, 1]),
    dims: [channels * multiplier, 1, kh, kw],
  }));
  return asImage(
    n.apply('Conv', [n.t.image(x), weights, biasInput(n, c.bias)], {
      kernel_shape: [kh, kw],
      group: channels,
      ...windowAttributes(window),
      ...paddingAttributes(n, x.dims, window),
    }),
  );
}

/**
 * The transpose of Conv2D: x [N, H, W, I] with weights [H, W, O, I]. SAME gives [N, H·stride, W·stride, O]; an output
 * of any other size is rejected.
 */
export function transposedConvolution(n: SourceNode, x: SourceValue, c: Convolution): SourceValue {
  if (typeof c.padding !== 'string') n.fail('explicit padding is not supported');
  if (c.dilations.some((d) => d !== 1)) n.fail('dilation is not supported');
  const [kh, kw] = weightSizes(n, c.weights);
  const excess = [Math.max(kh - c.strides[0], 0), Math.max(kw - c.strides[1], 0)] as const;
  const missing = [Math.max(c.strides[0] - kh, 0), Math.max(c.strides[1] - kw, 0)];
  const [top, left] = [excess[0] >> 1, excess[1] >> 1];
  const weights = n.t.constantAs(c.weights, 'iohw', (w) => transposeTensor(w, [3, 2, 0, 1]));
  return asImage(
    n.apply('ConvTranspose', [n.t.image(x), weights, biasInput(n, c.bias)], {
      kernel_shape: [kh, kw],
      strides: c.strides,
      ...(c.padding === 'SAME' ? { pads: [top, left, excess[0] - top, excess[1] - left] } : {}),
      ...(missing.some((m) => m > 0) ? { output_padding: missing } : {}),
    }),
  );
}

// ------------------------------------------------------------------------------------------------ pooling

/** MaxPool and AvgPool over H and W. Padding is ignored by both maximum and mean. */
export function pool(
  n: SourceNode,
  op: 'MaxPool' | 'AveragePool',
  x: SourceValue,
  shape: Omit<Window, 'dilations'>,
): SourceValue {
  const window: Window = { ...shape, dilations: [1, 1] };
  const skips = window.kernel.some(
    (k, i) => k > 1 && k < window.strides[i]! && typeof x.dims[1 + i] !== 'number',
  );
  if (window.padding === 'SAME' && skips) {
    // SAME_UPPER would need negative padding if a window ends before the next begins.
    n.fail('SAME padding with strides beyond the kernel needs a fixed height and width');
  }
  return asImage(
    n.apply(op, [n.t.image(x)], {
      kernel_shape: window.kernel,
      ...windowAttributes(window),
      ...paddingAttributes(n, x.dims, window),
    }),
  );
}

// ------------------------------------------------------------------------------------------- element-wise

type Attributes = Readonly<Record<string, AttributeInput>>;

/** An operator of one operand that acts on each element. */
export const unary = (n: SourceNode, op: string, x: SourceValue, attributes: Attributes = {}): SourceValue =>
  asHeld(n.apply(op, [n.t.held(x)], attributes), x);

/** x². */
export const square = (n: SourceNode, x: SourceValue): SourceValue => binary(n, 'Mul', x, x);

/** x if positive, else alpha · x. */
export const leakyRelu = (n: SourceNode, x: SourceValue, alpha: number): SourceValue =>
  unary(n, 'LeakyRelu', x, { alpha: float(alpha) });

/** x limited to [low, high]; either may be left out. */
export function clip(
  n: SourceNode,
  x: SourceValue,
  low: number | undefined,
  high: number | undefined,
): SourceValue {
  const bound = (role: string, value: number | undefined) =>
    value === undefined ? undefined : n.number(role, value);
  return asHeld(n.apply('Clip', [n.t.held(x), bound('min', low), bound('max', high)]), x);
}

/** An operator of two operands that acts on each pair of elements, with NumPy's broadcasting in source order. */
export function binary(n: SourceNode, op: string, a: SourceValue, b: SourceValue): SourceValue {
  if (a.image || b.image) return asImage(n.apply(op, [n.t.operand(a), n.t.operand(b)]));
  return asPlain(n.apply(op, [n.t.plain(a), n.t.plain(b)]));
}

/** Activation functions that may be fused into another operator, by the names that graph models give them. */
export type Activation = 'Relu' | 'Relu6' | 'ReluN1To1' | 'Tanh' | 'Sigmoid' | 'Elu';

export function activate(n: SourceNode, x: SourceValue, activation: Activation): SourceValue {
  switch (activation) {
    case 'Relu6':
      return clip(n, x, 0, 6);
    case 'ReluN1To1':
      return clip(n, x, -1, 1);
    default:
      return unary(n, activation, x);
  }
}

/** Softmax over the last axis, which is the channels of an image. */
export const softmax = (n: SourceNode, x: SourceValue): SourceValue =>
  unary(n, 'Softmax', x, { axis: x.image ? 1 : x.dims.length - 1 });

// --------------------------------------------------------------------------------- reductions and layout

/** Whether an image that loses these axes (source order) keeps the others in the source's order. */
const orderSurvives = (axes: readonly number[]) => axes.includes(3) || (axes.includes(1) && axes.includes(2));

const normalised = (axes: readonly number[], rank: number) =>
  [...new Set(axes.map((axis) => positiveAxis(axis, rank)))].sort((a, b) => a - b);

/** Axes of the source as axes of the stored value. */
const heldAxes = (axes: readonly number[], image: boolean) =>
  image ? axes.map((axis) => IMAGE_AXIS[axis]!).sort((a, b) => a - b) : axes;

/** A reduction (ReduceMean, ReduceMax, ...) over some axes. */
export function reduce(
  n: SourceNode,
  op: string,
  x: SourceValue,
  axes: readonly number[],
  keepDims: boolean,
): SourceValue {
  const over = normalised(axes, x.dims.length);
  const image = x.image && (keepDims || orderSurvives(over));
  const from = image ? n.t.image(x) : n.t.plain(x);
  const inputs = [from, n.list('axes', heldAxes(over, image))];
  const made = n.apply(op, inputs, keepDims ? {} : { keepdims: 0 });
  return image && keepDims ? asImage(made) : asPlain(made);
}

/** x without the given axes of size 1, or without all such axes if none is given. */
export function squeeze(n: SourceNode, x: SourceValue, axes: readonly number[]): SourceValue {
  const removed = axes.length
    ? normalised(axes, x.dims.length)
    : x.dims.flatMap((d, axis) => (d === 1 ? [axis] : []));
  if (axes.length === 0 && x.dims.some((d) => typeof d !== 'number')) {
    n.fail('which axes are of size 1 is not known');
  }
  const image = x.image && orderSurvives(removed);
  const from = image ? n.t.image(x) : n.t.plain(x);
  return asPlain(n.apply('Squeeze', [from, n.list('axes', heldAxes(removed, image))]));
}

/** x with a new axis of size 1. */
export function expandDims(n: SourceNode, x: SourceValue, axis: number): SourceValue {
  const at = positiveAxis(axis, x.dims.length + 1);
  return asPlain(n.apply('Unsqueeze', [n.t.plain(x), n.list('axes', [at])]));
}

/**
 * x in another shape, row-major in the source's order, so an image is first converted back to NHWC. The shape is
 * constant (-1 once for the remaining size, 0 for an unchanged one) or a value of known length.
 */
export function reshape(n: SourceNode, x: SourceValue, shape: readonly number[] | SourceValue): SourceValue {
  return asPlain(n.apply('Reshape', [n.t.plain(x), sizes(n, shape)]));
}

function sizes(n: SourceNode, shape: readonly number[] | SourceValue): Value {
  if (!('name' in shape)) return n.list('shape', shape);
  if (shape.constant) return n.list('shape', integerValues(shape.constant));
  if (typeof shape.dims[0] !== 'number') n.fail('the number of dimensions of its result is not known');
  return n.part('shape').apply('Cast', [n.t.plain(shape)], { to: DATA_TYPES.int64 });
}

/** x with its axes permuted. */
export function transpose(n: SourceNode, x: SourceValue, perm: readonly number[]): SourceValue {
  const axes = perm.map((axis) => positiveAxis(axis, x.dims.length));
  return asPlain(n.apply('Transpose', [n.t.plain(x)], { perm: axes }));
}

/** Values side by side along an axis. */
export function concat(n: SourceNode, values: readonly SourceValue[], axis: number): SourceValue {
  const at = positiveAxis(axis, values[0]!.dims.length);
  if (values.some((value) => value.image)) {
    const parts = values.map((value) => n.t.image(value));
    return asImage(n.apply('Concat', parts, { axis: IMAGE_AXIS[at]! }));
  }
  const parts = values.map((value) => n.t.plain(value));
  return asPlain(n.apply('Concat', parts, { axis: at }));
}

/** Scalars and tensors of one shape stacked along a new axis. */
export function pack(n: SourceNode, values: readonly SourceValue[], axis: number): SourceValue {
  const at = positiveAxis(axis, values[0]!.dims.length + 1);
  const axes = n.list('axes', [at]);
  const parts = values.map((value) => n.part('part').apply('Unsqueeze', [n.t.plain(value), axes]));
  return asPlain(n.apply('Concat', parts, { axis: at }));
}

/** Parts of x along an axis, of the given sizes. */
export function split(n: SourceNode, x: SourceValue, axis: number, parts: readonly number[]): SourceValue[] {
  const at = positiveAxis(axis, x.dims.length);
  const inputs = [n.t.held(x), n.list('split', parts)];
  const made = n.t.ops('Split', parts.length, inputs, n.name, { axis: x.image ? IMAGE_AXIS[at]! : at });
  return made.map((value) => asHeld(value, x));
}

/** Which elements of an axis: from and to may count from the end, and default to the start and the end. */
export interface Range {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number;
}

/** Beyond the end of any axis. */
const FAR = 2 ** 31 - 1;

/** The part of x in the given ranges, one for each of its first axes. */
export function slice(n: SourceNode, x: SourceValue, ranges: readonly Range[]): SourceValue {
  const cut = ranges.flatMap(({ from, to, step }, axis) => {
    if ((from ?? 0) === 0 && to === undefined && step === 1) return [];
    return [
      {
        starts: from ?? (step > 0 ? 0 : FAR),
        ends: to ?? (step > 0 ? FAR : -FAR),
        axes: x.image ? IMAGE_AXIS[axis]! : axis,
        steps: step,
      },
    ];
  });
  if (cut.length === 0) return x;
  const lists = (['starts', 'ends', 'axes', 'steps'] as const).map((role) =>
    n.list(
      role,
      cut.map((range) => range[role]),
    ),
  );
  return asHeld(n.apply('Slice', [n.t.held(x), ...lists]), x);
}

/** x with elements added before and after on each axis: `amounts` are pairs, an axis each. */
export function pad(
  n: SourceNode,
  x: SourceValue,
  amounts: readonly number[],
  mode: 'constant' | 'reflect',
  value = 0,
): SourceValue {
  const rank = x.dims.length;
  const order = Array.from({ length: rank }, (_, axis) => (x.image ? IMAGE_AXIS.indexOf(axis as 0) : axis));
  const pads = [...order.map((axis) => amounts[2 * axis]!), ...order.map((axis) => amounts[2 * axis + 1]!)];
  const inputs = [n.t.held(x), n.list('pads', pads), value === 0 ? undefined : n.number('value', value)];
  return asHeld(n.apply('Pad', inputs, mode === 'constant' ? {} : { mode }), x);
}

// ----------------------------------------------------------------------------------------------- resizing

export interface Resizing {
  readonly mode: 'linear' | 'nearest';
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  /** The new height and width, or factors of them. */
  readonly to: { readonly size: Pair } | { readonly scale: Pair };
}

/**
 * ResizeBilinear and ResizeNearestNeighbor. Without options TensorFlow takes row floor(y · from / to); with
 * half pixels, floor((y + ½) · from / to), which is ONNX's half_pixel rounded half up.
 */
export function resize(n: SourceNode, x: SourceValue, r: Resizing): SourceValue {
  const coordinates = r.alignCorners ? 'align_corners' : r.halfPixelCenters ? 'half_pixel' : 'asymmetric';
  const nearest = coordinates === 'asymmetric' ? 'floor' : 'round_prefer_ceil';
  const attributes = {
    mode: r.mode,
    coordinate_transformation_mode: coordinates,
    ...(r.mode === 'nearest' ? { nearest_mode: nearest } : {}),
  };
  if ('scale' in r.to) {
    const [sy, sx] = r.to.scale;
    const scales = n.t.initializer(float32(`${n.name}/scales`, [4], [1, 1, sy, sx]));
    return asImage(n.apply('Resize', [n.t.image(x), undefined, scales], attributes));
  }
  // Sizes for H and W alone, so that neither the batch nor the channels need be known.
  const inputs = [n.t.image(x), undefined, undefined, n.list('sizes', r.to.size)];
  return asImage(n.apply('Resize', inputs, { ...attributes, axes: [2, 3] }));
}

/** Blocks of channels spread over space: [N, H, W, b²·C] to [N, b·H, b·W, C]. */
export const depthToSpace = (n: SourceNode, x: SourceValue, block: number): SourceValue =>
  asImage(n.apply('DepthToSpace', [n.t.image(x)], { blocksize: block }));

// ------------------------------------------------------------------------------------------ dense layers

/** x [N, I] times weights [I, O] ([O, I] if transposed), plus a bias [O]. */
export function dense(
  n: SourceNode,
  x: SourceValue,
  weights: SourceValue,
  bias: SourceValue | undefined,
  transposed: { readonly x: boolean; readonly weights: boolean },
): SourceValue {
  if (x.dims.length !== 2 || weights.dims.length !== 2) {
    n.fail(`operands of ${x.dims.length} and ${weights.dims.length} dimensions, expected 2 and 2`);
  }
  const inputs = [n.t.plain(x), n.t.plain(weights), biasInput(n, bias)];
  return asPlain(
    n.apply('Gemm', inputs, {
      ...(transposed.x ? { transA: 1 } : {}),
      ...(transposed.weights ? { transB: 1 } : {}),
    }),
  );
}

/** Batch normalisation with stored statistics over the last axis. */
export function batchNormalization(
  n: SourceNode,
  x: SourceValue,
  statistics: readonly [scale: SourceValue, offset: SourceValue, mean: SourceValue, variance: SourceValue],
  epsilon: number,
): SourceValue {
  const inputs = [n.t.image(x), ...statistics.map((value) => n.t.plain(value))];
  return asImage(n.apply('BatchNormalization', inputs, { epsilon: float(epsilon) }));
}
