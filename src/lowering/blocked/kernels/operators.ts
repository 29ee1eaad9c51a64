/**
 * ONNX Runtime's blocked kernels as functions over the builder. Inputs and outputs are in the layout `channels` unless
 * stated otherwise.
 */
import { type AttributeInput, float, floats, type GraphBuilder, type Value } from '../../../onnx/index.js';
import { BLOCKED_DOMAIN, type KernelBuilder, sizesOf } from '../layout/builder.js';
import { places, type Window2d } from './window.js';

/**
 * An activation that a convolution's kernel can apply to its result: Clip to bounds, HardSigmoid of α and β, and
 * others.
 */
export interface Activation {
  readonly op: 'Clip' | 'HardSigmoid' | 'HardSwish' | 'LeakyRelu' | 'Relu' | 'Sigmoid' | 'Tanh';
  readonly params?: readonly number[];
}

/** What a convolution's kernel applies to its result. */
export interface Epilogue {
  /** Of the result's shape, added before the activation. */
  readonly sum?: Value | undefined;
  readonly activation?: Activation | undefined;
}

export interface ConvExtras extends Epilogue {
  /** `[M]`, added to each channel. */
  readonly bias?: Value | undefined;
  readonly group?: number;
}

/**
 * A convolution with weights of nominal shape `[M, C/group, ...]` in the layout dense, thin (then x is plain), or
 * depthwise.
 */
export function conv(g: GraphBuilder, x: Value, w: Value, window: Window2d, extras: ConvExtras = {}): Value {
  const [n, , h, width] = sizesOf(x);
  const { bias, sum, activation, group = 1 } = extras;
  const shape = [n, w.size(0), places(h, window, 0), places(width, window, 1)];
  return g.custom(BLOCKED_DOMAIN, 'Conv', 1, [x, w, bias, sum], {
    attributes: { ...windowAttributes(window), group, ...activationAttributes(activation) },
    types: [{ dtype: 'float32', shape }],
  })[0];
}

const activationAttributes = (
  activation: Activation | undefined,
): Readonly<Record<string, AttributeInput>> => {
  if (activation === undefined) return {};
  const { op, params } = activation;
  return params === undefined ? { activation: op } : { activation: op, activation_params: floats(params) };
};

/** An epilogue as separate operators, in any layout. */
export function finishWith(g: GraphBuilder, value: Value, { sum, activation }: Epilogue): Value {
  const summed = sum ? g.op('Add', [value, sum]) : value;
  if (activation === undefined) return summed;
  const { op, params = [] } = activation;
  if (op === 'Clip') return g.op(op, [summed, ...params.map((bound) => g.scalar(bound))]);
  const [alpha, beta] = params.map(float);
  return g.custom('', op, 1, [summed], { attributes: { alpha, beta } })[0];
}

const windowAttributes = ({ kernel, ...rest }: Window2d) => ({ kernel_shape: kernel, ...rest });

export function maxPool(g: GraphBuilder, x: Value, window: Window2d): Value {
  const [n, c, h, w] = sizesOf(x);
  return g.custom(BLOCKED_DOMAIN, 'MaxPool', 1, [x], {
    attributes: windowAttributes(window),
    types: [{ dtype: 'float32', shape: [n, c, places(h, window, 0), places(w, window, 1)] }],
  })[0];
}

/** @param countPadding whether padding counts, as zeros */
export function averagePool(g: GraphBuilder, x: Value, window: Window2d, countPadding: boolean): Value {
  const [n, c, h, w] = sizesOf(x);
  return g.custom(BLOCKED_DOMAIN, 'AveragePool', 1, [x], {
    attributes: { ...windowAttributes(window), count_include_pad: Number(countPadding) },
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

/** `x` viewed with its blocks as axes: `[N, C/B, H, W, B]`. */
export function blockAxes({ g, block }: KernelBuilder, x: Value): Value {
  const [n, c, h, w] = sizesOf(x);
  return g.reshape(x, [n, c / block, h, w, block]);
}
