/**
 * TensorFlow's operators on images and their neighbours, written as ONNX nodes. Both importers call these;
 * dimensions, axes, paddings and weights are given in TensorFlow's order (NHWC, weights HWIO), and the result
 * is in whatever layout `Translation` holds it.
 */
import { type AttributeInput, float } from '../attributes.js';
import { DATA_TYPES, type DataType, type Dim, type Shape, type Tensor } from '../graph.js';
import { elementCount, integerValues } from '../tensor.js';
import { type ImportError, unsupported } from './errors.js';
import { IMAGE_AXIS, positiveAxis, type Translation, transposeTensor, type Value } from './translation.js';

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

const reached = (kernel: number, dilation: number) => (kernel - 1) * dilation + 1;

/** Rows or columns that SAME adds, or undefined where that depends on a size that is not known.
 *  https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2 */
function sameTotal(size: Dim, kernel: number, stride: number, dilation: number): number | undefined {
  const reach = reached(kernel, dilation);
  if (stride === 1) return reach - 1;
  if (reach === 1) return 0;
  if (typeof size !== 'number') return undefined;
  return Math.max((Math.ceil(size / stride) - 1) * stride + reach - size, 0);
}

/** Height and width after a window has passed over them. */
function windowDims(dims: Shape, window: Window): [Dim, Dim] {
  const { padding } = window;
  const one = (i: 0 | 1): Dim => {
    const size = dims[1 + i]!;
    const stride = window.strides[i];
    if (typeof size !== 'number') return padding === 'SAME' && stride === 1 ? size : null;
    if (padding === 'SAME') return Math.ceil(size / stride);
    const added = padding === 'VALID' ? 0 : padding[i] + padding[i + 2]!;
    return Math.floor((size + added - reached(window.kernel[i], window.dilations[i])) / stride) + 1;
  };
  return [one(0), one(1)];
}

/**
 * ONNX's padding attributes. SAME becomes explicit pads where they are known: at stride 1 they do not depend on
 * the size. Elsewhere it is SAME_UPPER, ONNX's name for the same rule, which runtimes define without dilation.
 */
function paddingAttributes(dims: Shape, window: Window, fail: (what: string) => ImportError) {
  const { kernel, strides, dilations, padding } = window;
  if (padding === 'VALID') return {};
  if (padding !== 'SAME') return padding.some((p) => p !== 0) ? { pads: padding } : {};
  const rows = sameTotal(dims[1]!, kernel[0], strides[0], dilations[0]);
  const columns = sameTotal(dims[2]!, kernel[1], strides[1], dilations[1]);
  if (rows === undefined || columns === undefined) {
    if (dilations.some((d) => d !== 1)) {
      throw fail('SAME padding with both strides and dilations needs a fixed height and width');
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

/** The elements of a value that must be known when importing. */
export function known(value: Value, operator: string, role: string): Tensor {
  if (!value.constant) throw unsupported(operator, value.name, `its ${role} must be constant`);
  return value.constant;
}

/** The integers of a value that must be known when importing. */
export const knownIntegers = (value: Value, operator: string, role: string): number[] =>
  integerValues(known(value, operator, role));

// ------------------------------------------------------------------------------------------- convolutions

export interface Convolution {
  /** [H, W, I, O]. */
  readonly weights: Value;
  /** [O]. */
  readonly bias?: Value | undefined;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

const biasInput = (t: Translation, bias: Value | undefined) => (bias ? [t.plain(bias)] : []);

/** Conv2D: x [N, H, W, G·I] with weights [H, W, I, O] gives [N, H', W', O]. */
export function convolution(t: Translation, output: string, x: Value, c: Convolution): Value {
  const weights = known(c.weights, 'Conv2D', 'weights');
  const [kh, kw, inputs, outputs] = weights.dims as [number, number, number, number];
  const window = { ...c, kernel: [kh, kw] as const };
  const channels = x.dims[3];
  const group = typeof channels === 'number' ? channels / inputs : 1;
  if (!Number.isInteger(group)) {
    throw unsupported('Conv2D', output, `weights for ${inputs} channels are given an input of ${channels}`);
  }
  const name = t.node(
    'Conv',
    [
      t.image(x),
      t.constantAs(weights, 'oihw', (w) => transposeTensor(w, [3, 2, 0, 1])),
      ...biasInput(t, c.bias),
    ],
    output,
    {
      kernel_shape: [kh, kw],
      ...(group === 1 ? {} : { group }),
      ...windowAttributes(window),
      ...paddingAttributes(x.dims, window, (what) => unsupported('Conv2D', output, what)),
    },
  );
  return { name, dtype: x.dtype, dims: [x.dims[0]!, ...windowDims(x.dims, window), outputs], image: true };
}

/** DepthwiseConv2D: x [N, H, W, C] with weights [H, W, C, M] gives [N, H', W', C·M]. */
export function depthwiseConvolution(t: Translation, output: string, x: Value, c: Convolution): Value {
  const weights = known(c.weights, 'DepthwiseConv2D', 'weights');
  const [kh, kw, channels, multiplier] = weights.dims as [number, number, number, number];
  const window = { ...c, kernel: [kh, kw] as const };
  const name = t.node(
    'Conv',
    [
      t.image(x),
      t.constantAs(weights, 'depthwise', (w) => ({
        ...transposeTensor(w, [2, 3, 0, 1]),
        dims: [channels * multiplier, 1, kh, kw],
      })),
      ...biasInput(t, c.bias),
    ],
    output,
    {
      kernel_shape: [kh, kw],
      group: channels,
      ...windowAttributes(window),
      ...paddingAttributes(x.dims, window, (what) => unsupported('DepthwiseConv2D', output, what)),
    },
  );
  return {
    name,
    dtype: x.dtype,
    dims: [x.dims[0]!, ...windowDims(x.dims, window), channels * multiplier],
    image: true,
  };
}

/**
 * The transpose of Conv2D: x [N, H, W, I] with weights [H, W, O, I]. SAME gives [N, H·stride, W·stride, O]; an
 * output of any other size is refused.
 */
export function transposedConvolution(t: Translation, output: string, x: Value, c: Convolution): Value {
  if (typeof c.padding !== 'string') {
    throw unsupported('TransposeConv', output, 'explicit padding is not supported');
  }
  if (c.dilations.some((d) => d !== 1)) {
    throw unsupported('TransposeConv', output, 'dilation is not supported');
  }
  const weights = known(c.weights, 'TransposeConv', 'weights');
  const [kh, kw, outputs] = weights.dims as [number, number, number, number];
  const excess = [kh - c.strides[0], kw - c.strides[1]].map((e) => Math.max(e, 0)) as [number, number];
  const missing = [c.strides[0] - kh, c.strides[1] - kw].map((e) => Math.max(e, 0));
  const [top, left] = [excess[0] >> 1, excess[1] >> 1];
  const same = c.padding === 'SAME';
  const name = t.node(
    'ConvTranspose',
    [
      t.image(x),
      t.constantAs(weights, 'iohw', (w) => transposeTensor(w, [3, 2, 0, 1])),
      ...biasInput(t, c.bias),
    ],
    output,
    {
      kernel_shape: [kh, kw],
      strides: c.strides,
      ...(same ? { pads: [top, left, excess[0] - top, excess[1] - left] } : {}),
      ...(missing.some((m) => m > 0) ? { output_padding: missing } : {}),
    },
  );
  const size = (i: 0 | 1): Dim => {
    const from = x.dims[1 + i]!;
    return typeof from === 'number' ? from * c.strides[i] + (same ? 0 : excess[i]) : null;
  };
  return { name, dtype: x.dtype, dims: [x.dims[0]!, size(0), size(1), outputs], image: true };
}

// ------------------------------------------------------------------------------------------------ pooling

/** MaxPool and AvgPool over H and W. Padding counts for neither the maximum nor the mean. */
export function pool(
  t: Translation,
  op: 'MaxPool' | 'AveragePool',
  output: string,
  x: Value,
  shape: Omit<Window, 'dilations'>,
): Value {
  const window: Window = { ...shape, dilations: [1, 1] };
  const skips = window.kernel.some(
    (k, i) => k > 1 && k < window.strides[i]! && typeof x.dims[1 + i] !== 'number',
  );
  if (window.padding === 'SAME' && skips) {
    // SAME_UPPER would ask for less than no padding where a window ends before the next begins.
    throw unsupported(
      op,
      output,
      'SAME padding with strides beyond the kernel needs a fixed height and width',
    );
  }
  const name = t.node(op, [t.image(x)], output, {
    kernel_shape: window.kernel,
    ...windowAttributes(window),
    ...paddingAttributes(x.dims, window, (what) => unsupported(op, output, what)),
  });
  return { name, dtype: x.dtype, dims: [x.dims[0]!, ...windowDims(x.dims, window), x.dims[3]!], image: true };
}

// ------------------------------------------------------------------------------------------- element-wise

/** An operator of one operand that acts on each element. */
export function unary(
  t: Translation,
  op: string,
  output: string,
  x: Value,
  attributes: Readonly<Record<string, AttributeInput>> = {},
): Value {
  const name = t.node(op, [x.image ? x.name : t.plain(x)], output, attributes);
  return { name, dtype: x.dtype, dims: x.dims, image: x.image };
}

/** x². */
export const square = (t: Translation, output: string, x: Value): Value => binary(t, 'Mul', output, x, x);

/** x where positive, alpha · x elsewhere. */
export const leakyRelu = (t: Translation, output: string, x: Value, alpha: number): Value =>
  unary(t, 'LeakyRelu', output, x, { alpha: float(alpha) });

/** x limited to [low, high]; either may be left out. */
export function clip(
  t: Translation,
  output: string,
  x: Value,
  low: number | undefined,
  high: number | undefined,
): Value {
  const inputs = [
    x.image ? x.name : t.plain(x),
    low === undefined ? '' : t.floats(`${output}/min`, [low], []),
    ...(high === undefined ? [] : [t.floats(`${output}/max`, [high], [])]),
  ];
  return {
    name: t.node('Clip', inputs, output),
    dtype: x.dtype,
    dims: x.dims,
    image: x.image,
  };
}

function broadcastDims(a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [p, q] = [
      a[i - rank + a.length] ?? absent(a, i, rank),
      b[i - rank + b.length] ?? absent(b, i, rank),
    ];
    if (p === 1) return q;
    if (q === 1 || p === q) return p;
    return typeof p === 'number' ? p : typeof q === 'number' ? q : null;
  });
}

/** What broadcasting takes for an axis that a value lacks (1) or whose size is unknown (null). */
const absent = (dims: Shape, axis: number, rank: number): 1 | null => (axis < rank - dims.length ? 1 : null);

/** An operator of two operands that acts on each pair of elements, with NumPy's broadcasting in source order. */
export function binary(
  t: Translation,
  op: string,
  output: string,
  a: Value,
  b: Value,
  dtype: DataType = a.dtype,
): Value {
  const dims = broadcastDims(a.dims, b.dims);
  const image = a.image || b.image;
  const of = (value: Value) => (image ? t.operand(value) : t.plain(value));
  return { name: t.node(op, [of(a), of(b)], output), dtype, dims, image };
}

/** Activation functions that may be fused into another operator, by the names that graph models give them. */
export type Activation = 'Relu' | 'Relu6' | 'ReluN1To1' | 'Tanh' | 'Sigmoid' | 'Elu';

export function activate(t: Translation, output: string, x: Value, activation: Activation): Value {
  switch (activation) {
    case 'Relu6':
      return clip(t, output, x, 0, 6);
    case 'ReluN1To1':
      return clip(t, output, x, -1, 1);
    default:
      return unary(t, activation, output, x);
  }
}

/** Softmax over the last axis, which is the channels of an image. */
export function softmax(t: Translation, output: string, x: Value): Value {
  return unary(t, 'Softmax', output, x, { axis: x.image ? 1 : x.dims.length - 1 });
}

// --------------------------------------------------------------------------------- reductions and layout

/** Whether an image that loses these axes (source order) keeps the others in the source's order. */
const orderSurvives = (axes: readonly number[]) => axes.includes(3) || (axes.includes(1) && axes.includes(2));

const normalised = (axes: readonly number[], rank: number) =>
  [...new Set(axes.map((axis) => positiveAxis(axis, rank)))].sort((a, b) => a - b);

/** A reduction (ReduceMean, ReduceMax, ...) over some axes. */
export function reduce(
  t: Translation,
  op: string,
  output: string,
  x: Value,
  axes: readonly number[],
  keepDims: boolean,
): Value {
  const over = normalised(axes, x.dims.length);
  const image = x.image && (keepDims || orderSurvives(over));
  const onnxAxes = image ? over.map((axis) => IMAGE_AXIS[axis]!).sort((a, b) => a - b) : over;
  const name = t.node(
    op,
    [image ? t.image(x) : t.plain(x), t.ints(`${output}/axes`, onnxAxes)],
    output,
    keepDims ? {} : { keepdims: 0 },
  );
  const dims = keepDims
    ? x.dims.map((d, axis) => (over.includes(axis) ? 1 : d))
    : x.dims.filter((_, axis) => !over.includes(axis));
  return { name, dtype: x.dtype, dims, image: image && keepDims };
}

/** x without the given axes of size 1, or without all of them where none is given. */
export function squeeze(t: Translation, output: string, x: Value, axes: readonly number[]): Value {
  const gone = axes.length
    ? normalised(axes, x.dims.length)
    : x.dims.flatMap((d, axis) => (d === 1 ? [axis] : []));
  if (axes.length === 0 && x.dims.some((d) => typeof d !== 'number')) {
    throw unsupported('Squeeze', output, 'which axes are of size 1 is not known');
  }
  const image = x.image && orderSurvives(gone);
  const onnxAxes = image ? gone.map((axis) => IMAGE_AXIS[axis]!).sort((a, b) => a - b) : gone;
  const name = t.node(
    'Squeeze',
    [image ? t.image(x) : t.plain(x), t.ints(`${output}/axes`, onnxAxes)],
    output,
  );
  return { name, dtype: x.dtype, dims: x.dims.filter((_, axis) => !gone.includes(axis)), image: false };
}

/** x with a new axis of size 1. */
export function expandDims(t: Translation, output: string, x: Value, axis: number): Value {
  const at = positiveAxis(axis, x.dims.length + 1);
  const name = t.node('Unsqueeze', [t.plain(x), t.ints(`${output}/axes`, [at])], output);
  return { name, dtype: x.dtype, dims: [...x.dims.slice(0, at), 1, ...x.dims.slice(at)], image: false };
}

/**
 * x in another shape, row-major in the source's order, so an image goes back to NHWC first. The shape is
 * constant (-1 once for what remains, 0 for a size as it was) or a value of known length.
 */
export function reshape(t: Translation, output: string, x: Value, shape: readonly number[] | Value): Value {
  if (!('name' in shape)) {
    const name = t.node('Reshape', [t.plain(x), t.ints(`${output}/shape`, shape)], output);
    return { name, dtype: x.dtype, dims: reshapedDims(x.dims, shape), image: false };
  }
  if (shape.constant) return reshape(t, output, x, integerValues(shape.constant));
  const [rank] = shape.dims;
  if (typeof rank !== 'number') {
    throw unsupported('Reshape', output, 'the number of dimensions of its result is not known');
  }
  const sizes = t.node('Cast', [t.plain(shape)], `${output}/shape`, { to: DATA_TYPES.int64 });
  const name = t.node('Reshape', [t.plain(x), sizes], output);
  return { name, dtype: x.dtype, dims: new Array<Dim>(rank).fill(null), image: false };
}

function reshapedDims(from: Shape, shape: readonly number[]): Dim[] {
  const dims: Dim[] = shape.map((d, axis) => (d === 0 ? from[axis]! : d));
  const open = dims.indexOf(-1);
  if (open >= 0) {
    const rest = dims.filter((_, axis) => axis !== open);
    const fixed = [...from, ...rest].every((d) => typeof d === 'number');
    dims[open] = fixed ? elementCount(from as number[]) / elementCount(rest as number[]) : null;
  }
  return dims;
}

/** x with its axes permuted. */
export function transpose(t: Translation, output: string, x: Value, perm: readonly number[]): Value {
  const axes = perm.map((axis) => positiveAxis(axis, x.dims.length));
  const name = t.node('Transpose', [t.plain(x)], output, { perm: axes });
  return { name, dtype: x.dtype, dims: axes.map((axis) => x.dims[axis]!), image: false };
}

/** Values side by side along an axis. */
export function concat(t: Translation, output: string, values: readonly Value[], axis: number): Value {
  const rank = values[0]!.dims.length;
  const at = positiveAxis(axis, rank);
  const image = values.some((value) => value.image);
  const name = t.node(
    'Concat',
    values.map((value) => (image ? t.image(value) : t.plain(value))),
    output,
    { axis: image ? IMAGE_AXIS[at]! : at },
  );
  const dims = values[0]!.dims.map((d, i) => {
    if (i !== at) return d;
    const sizes = values.map((value) => value.dims[at]);
    return sizes.every((s) => typeof s === 'number') ? sizes.reduce((a, b) => a + b, 0) : null;
  });
  return { name, dtype: values[0]!.dtype, dims, image };
}

/** Scalars and tensors of one shape stacked along a new axis. */
export function pack(t: Translation, output: string, values: readonly Value[], axis: number): Value {
  const rank = values[0]!.dims.length + 1;
  const at = positiveAxis(axis, rank);
  const axes = t.ints(`${output}/axes`, [at]);
  const parts = values.map((value) => t.node('Unsqueeze', [t.plain(value), axes], `${output}/part`));
  const name = t.node('Concat', parts, output, { axis: at });
  const [first] = values;
  const dims = [...first!.dims.slice(0, at), values.length, ...first!.dims.slice(at)];
  return { name, dtype: first!.dtype, dims, image: false };
}

/** Parts of x along an axis, of the given sizes. */
export function split(
  t: Translation,
  outputs: readonly string[],
  x: Value,
  axis: number,
  sizes: readonly number[],
): Value[] {
  const at = positiveAxis(axis, x.dims.length);
  const names = t.nodeOf(
    'Split',
    [x.image ? x.name : t.plain(x), t.ints(`${outputs[0]}/split`, sizes)],
    outputs,
    { axis: x.image ? IMAGE_AXIS[at]! : at },
  );
  return names.map((name, part) => ({
    name,
    dtype: x.dtype,
    dims: x.dims.map((d, i) => (i === at ? sizes[part]! : d)),
    image: x.image,
  }));
}

/** Which elements of an axis: from and to may count from the end, and where left out reach to either end. */
export interface Range {
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly step: number;
}

/** Beyond the end of any axis. */
const FAR = 2 ** 31 - 1;

/** The part of x in the given ranges, one for each of its first axes. */
export function slice(t: Translation, output: string, x: Value, ranges: readonly Range[]): Value {
  const cut = ranges.flatMap((range, axis) => {
    const whole = (range.from ?? 0) === 0 && range.to === undefined && range.step === 1;
    if (whole) return [];
    const from = range.from ?? (range.step > 0 ? 0 : FAR);
    const to = range.to ?? (range.step > 0 ? FAR : -FAR);
    return [{ axis, from, to, step: range.step }];
  });
  if (cut.length === 0) return x;
  const list = (role: string, values: number[]) => t.ints(`${output}/${role}`, values);
  const name = t.node(
    'Slice',
    [
      x.image ? x.name : t.plain(x),
      list(
        'starts',
        cut.map((c) => c.from),
      ),
      list(
        'ends',
        cut.map((c) => c.to),
      ),
      list(
        'axes',
        cut.map((c) => (x.image ? IMAGE_AXIS[c.axis]! : c.axis)),
      ),
      list(
        'steps',
        cut.map((c) => c.step),
      ),
    ],
    output,
  );
  const dims = x.dims.map((d, axis) => {
    const range = cut.find((c) => c.axis === axis);
    return range ? slicedSize(d, range) : d;
  });
  return { name, dtype: x.dtype, dims, image: x.image };
}

function slicedSize(size: Dim, { from, to, step }: { from: number; to: number; step: number }): Dim {
  if (typeof size !== 'number') return from >= 0 && to === from + 1 ? 1 : null;
  const clamp = (at: number) =>
    Math.min(Math.max(at < 0 ? at + size : at, step > 0 ? 0 : -1), step > 0 ? size : size - 1);
  return Math.max(Math.ceil((clamp(to) - clamp(from)) / step), 0);
}

/** x with elements added before and after on each axis: `amounts` are pairs, an axis each. */
export function pad(
  t: Translation,
  output: string,
  x: Value,
  amounts: readonly number[],
  mode: 'constant' | 'reflect',
  value = 0,
): Value {
  const rank = x.dims.length;
  const order = Array.from({ length: rank }, (_, axis) => (x.image ? IMAGE_AXIS.indexOf(axis as 0) : axis));
  const pads = [...order.map((axis) => amounts[2 * axis]!), ...order.map((axis) => amounts[2 * axis + 1]!)];
  const name = t.node(
    'Pad',
    [
      x.image ? x.name : t.plain(x),
      t.ints(`${output}/pads`, pads),
      ...(value === 0 ? [] : [t.floats(`${output}/value`, [value], [])]),
    ],
    output,
    mode === 'constant' ? {} : { mode },
  );
  const dims = x.dims.map((d, axis) => {
    const added = amounts[2 * axis]! + amounts[2 * axis + 1]!;
    if (added === 0) return d;
    return typeof d === 'number' ? d + added : null;
  });
  return { name, dtype: x.dtype, dims, image: x.image };
}

// ----------------------------------------------------------------------------------------------- resizing

export interface Resizing {
  readonly mode: 'linear' | 'nearest';
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
  /** The new height and width, or factors on them. */
  readonly to: { readonly size: Pair } | { readonly scale: Pair };
}

/**
 * ResizeBilinear and ResizeNearestNeighbor. Without options TensorFlow takes row floor(y · from / to); with
 * half pixels, floor((y + ½) · from / to), which is ONNX's half_pixel rounded half up.
 */
export function resize(t: Translation, output: string, x: Value, r: Resizing): Value {
  const coordinates = r.alignCorners ? 'align_corners' : r.halfPixelCenters ? 'half_pixel' : 'asymmetric';
  const nearest = coordinates === 'asymmetric' ? 'floor' : 'round_prefer_ceil';
  const attributes = {
    mode: r.mode,
    coordinate_transformation_mode: coordinates,
    ...(r.mode === 'nearest' ? { nearest_mode: nearest } : {}),
  };
  if ('scale' in r.to) {
    const [sy, sx] = r.to.scale;
    const scales = t.floats(`${output}/scales`, [1, 1, sy, sx]);
    const name = t.node('Resize', [t.image(x), '', scales], output, attributes);
    const scaled = (d: Dim, s: number): Dim => (typeof d === 'number' ? Math.floor(d * s) : null);
    return {
      name,
      dtype: x.dtype,
      dims: [x.dims[0]!, scaled(x.dims[1]!, sy), scaled(x.dims[2]!, sx), x.dims[3]!],
      image: true,
    };
  }
  const { size } = r.to;
  // Sizes for H and W alone, so that neither the batch nor the channels need be known.
  const name = t.node('Resize', [t.image(x), '', '', t.ints(`${output}/sizes`, size)], output, {
    ...attributes,
    axes: [2, 3],
  });
  return { name, dtype: x.dtype, dims: [x.dims[0]!, size[0], size[1], x.dims[3]!], image: true };
}

/** Blocks of channels spread over space: [N, H, W, b²·C] to [N, b·H, b·W, C]. */
export function depthToSpace(t: Translation, output: string, x: Value, block: number): Value {
  const name = t.node('DepthToSpace', [t.image(x)], output, { blocksize: block });
  const times = (d: Dim, by: number): Dim => (typeof d === 'number' ? d * by : null);
  const [n, h, w, c] = x.dims as [Dim, Dim, Dim, Dim];
  return {
    name,
    dtype: x.dtype,
    dims: [n, times(h, block), times(w, block), times(c, 1 / block ** 2)],
    image: true,
  };
}

// ------------------------------------------------------------------------------------------ dense layers

/** x [N, I] times weights [I, O] ([O, I] where transposed), plus a bias [O]. */
export function dense(
  t: Translation,
  output: string,
  x: Value,
  weights: Value,
  bias: Value | undefined,
  transposed: { readonly x: boolean; readonly weights: boolean },
): Value {
  if (x.dims.length !== 2 || weights.dims.length !== 2) {
    throw unsupported(
      'MatMul',
      output,
      `operands of ${x.dims.length} and ${weights.dims.length} dimensions, expected 2 and 2`,
    );
  }
  const name = t.node('Gemm', [t.plain(x), t.plain(weights), ...biasInput(t, bias)], output, {
    ...(transposed.x ? { transA: 1 } : {}),
    ...(transposed.weights ? { transB: 1 } : {}),
  });
  const dims = [x.dims[transposed.x ? 1 : 0]!, weights.dims[transposed.weights ? 0 : 1]!];
  return { name, dtype: x.dtype, dims, image: false };
}

/** Batch normalisation with stored statistics over the last axis. */
export function batchNormalization(
  t: Translation,
  output: string,
  x: Value,
  statistics: readonly [scale: Value, offset: Value, mean: Value, variance: Value],
  epsilon: number,
): Value {
  const name = t.node(
    'BatchNormalization',
    [t.image(x), ...statistics.map((value) => t.plain(value))],
    output,
    { epsilon: float(epsilon) },
  );
  return { name, dtype: x.dtype, dims: x.dims, image: true };
}
