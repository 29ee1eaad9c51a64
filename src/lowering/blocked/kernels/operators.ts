/**
 * The blocked kernels as functions over the builder. The domain is ONNX Runtime's own, for its CPU provider; it has
 * no published contract, so the runtime's version is pinned and every kernel is tested against the plain one.
 * All take and give values in the layout `channels` unless said otherwise.
 */
import { type AttributeInput, floats, type GraphBuilder, type Value } from '../../../onnx/index.js';
import { type BlockSize, inverse, type Layout, transpositionOf } from '../layout/layouts.js';

export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** A window over height and width. `pads` holds top, left, bottom, right. */
export interface Window2d {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}

export const unitWindow = (height = 1, width = 1): Window2d => ({
  kernel: [height, width],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
});

export const sizesOf = (value: Value): [number, number, number, number] =>
  value.shape as [number, number, number, number];

/** How many places the window takes along height (0) or width (1). */
export const places = (size: number, w: Window2d, axis: 0 | 1): number =>
  Math.floor(
    (size + w.pads[axis] + w.pads[axis + 2]! - (w.kernel[axis] - 1) * w.dilations[axis] - 1) /
      w.strides[axis],
  ) + 1;

/** What a ReLU lets through at most: infinite, or 6 for ReLU6. */
export type Relu = number;

export interface Extras {
  /** `[M]`, added to each channel. */
  readonly bias?: Value | undefined;
  /** Of the result's shape, added before the activation. */
  readonly sum?: Value | undefined;
  readonly relu?: Relu | undefined;
  readonly group?: number;
}

/**
 * A convolution with weights of nominal shape `[M, C/group, ...]` in the layout dense, thin (then x is plain), or
 * depthwise.
 */
export function conv(g: GraphBuilder, x: Value, w: Value, window: Window2d, extras: Extras = {}): Value {
  const [n, , h, width] = sizesOf(x);
  const { bias, sum, relu, group = 1 } = extras;
  const shape = [n, w.size(0), places(h, window, 0), places(width, window, 1)];
  return g.custom(BLOCKED_DOMAIN, 'Conv', 1, [x, w, bias, sum], {
    attributes: { ...attributes(window), group, ...activation(relu) },
    types: [{ dtype: 'float32', shape }],
  })[0];
}

function activation(relu: Relu | undefined): Readonly<Record<string, AttributeInput>> {
  if (relu === undefined) return {};
  if (relu === Number.POSITIVE_INFINITY) return { activation: 'Relu' };
  return { activation: 'Clip', activation_params: floats([0, relu]) };
}

/** A ReLU as an operator of its own. */
export const rectified = (g: GraphBuilder, x: Value, ceiling: Relu): Value =>
  ceiling === Number.POSITIVE_INFINITY
    ? g.op('Relu', [x])
    : g.op('Clip', [x, g.scalar(0), g.scalar(ceiling)]);

const attributes = ({ kernel, ...rest }: Window2d) => ({ kernel_shape: kernel, ...rest });

export function maxPool(g: GraphBuilder, x: Value, window: Window2d): Value {
  const [n, c, h, w] = sizesOf(x);
  return g.custom(BLOCKED_DOMAIN, 'MaxPool', 1, [x], {
    attributes: attributes(window),
    types: [{ dtype: 'float32', shape: [n, c, places(h, window, 0), places(w, window, 1)] }],
  })[0];
}

/** `[N, C, 1, 1]`, which is the same in every layout. */
export function globalAveragePool(g: GraphBuilder, x: Value): Value {
  const [n, c] = sizesOf(x);
  return g.custom(BLOCKED_DOMAIN, 'GlobalAveragePool', 1, [x], {
    types: [{ dtype: 'float32', shape: [n, c, 1, 1] }],
  })[0];
}

/** A plain value in the layout `channels`. */
export function reorderInput(g: GraphBuilder, x: Value): Value {
  return g.custom(BLOCKED_DOMAIN, 'ReorderInput', 1, [x], {
    types: [{ dtype: 'float32', shape: sizesOf(x) }],
  })[0];
}

/** A value in the layout `channels`, plain. */
export function reorderOutput(g: GraphBuilder, x: Value): Value {
  return g.custom(BLOCKED_DOMAIN, 'ReorderOutput', 1, [x], {
    attributes: { channels: x.size(1) },
    types: [{ dtype: 'float32', shape: sizesOf(x) }],
  })[0];
}

/** Whether a layout is the plain order: single positions have nothing to interleave. */
const isPlain = (layout: Layout, [, , h, w]: readonly number[]): boolean =>
  layout === 'plain' || (layout === 'channels' && h === 1 && w === 1);

/** The value in another layout, by way of the plain one. */
export function relayout(g: GraphBuilder, x: Value, from: Layout, to: Layout, block: BlockSize): Value {
  const dims = sizesOf(x);
  const [packed, wanted] = [!isPlain(from, dims), !isPlain(to, dims)];
  if (from === to || (!packed && !wanted)) return x;
  const reorders = x.dtype === 'float32';
  const plain = !packed
    ? x
    : from === 'channels' && reorders
      ? reorderOutput(g, x)
      : transpose(g, x, inverse(transpositionOf(from, dims, block)));
  if (!wanted) return plain;
  return to === 'channels' && reorders
    ? reorderInput(g, plain)
    : transpose(g, plain, transpositionOf(to, dims, block));
}

function transpose(g: GraphBuilder, x: Value, { view, perm }: ReturnType<typeof inverse>): Value {
  const turned = g.op('Transpose', [g.reshape(x, view)], { perm });
  return g.reshape(turned, sizesOf(x));
}
