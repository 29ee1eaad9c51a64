/**
 * One number a channel, or one for each channel of each image: sums over maps, and maps multiplied and shifted by such
 * numbers, each in one pass.
 */
import type { GraphBuilder, Value } from '../../../onnx/index.js';
import { product } from '../../sizes.js';
import { sizesOf } from '../layout/builder.js';
import { conv, type Epilogue, globalAveragePool } from './operators.js';
import { unitWindow } from './window.js';

/** Σ over batch and positions of each channel: `[C]`. */
export function channelSums(g: GraphBuilder, x: Value): Value {
  const [, c, h, w] = sizesOf(x);
  const means = g.reshape(globalAveragePool(g, x), [-1, c]);
  return g.op('Mul', [g.op('ReduceSum', [means, g.ints([0])], { keepdims: 0 }), g.scalar(h * w)]);
}

/** Σ over batch and positions of x·y, of each channel: `[C]`. */
export function channelProducts(g: GraphBuilder, x: Value, y: Value): Value {
  const [n, c] = sizesOf(x);
  return g.op('ReduceSum', [g.reshape(products(g, x, y), [n, c]), g.ints([0])], { keepdims: 0 });
}

/** Σ over positions of x, of each channel of each image: `[N, C, 1, 1]`. */
export function planeSums(g: GraphBuilder, x: Value): Value {
  const [, , h, w] = sizesOf(x);
  return g.op('Mul', [globalAveragePool(g, x), g.scalar(h * w)]);
}

/** Σ over positions of x·y, of each channel of each image: `[N, C, 1, 1]`. */
export function planeProducts(g: GraphBuilder, x: Value, y: Value): Value {
  const [n, c] = sizesOf(x);
  return g.reshape(products(g, x, y), [n, c, 1, 1]);
}

/** Each plane of each image as a channel of a single image. */
const planesOf = (g: GraphBuilder, x: Value): Value => {
  const [n, c, h, w] = sizesOf(x);
  return g.reshape(x, [1, n * c, h, w]);
};

/** Σ over positions of x·y: `[1, N·C, 1, 1]`. Every plane is a group with y as its weights. */
function products(g: GraphBuilder, x: Value, y: Value): Value {
  const [n, c, h, w] = sizesOf(x);
  const weights = g.reshape(y, [n * c, 1, h, w]);
  return conv(g, planesOf(g, x), weights, unitWindow(h, w), { group: n * c });
}

/**
 * x·factor + offset with factor and offset `[N, C, 1, 1]`, and an epilogue. Broadcasting, ONNX Runtime's Mul would take
 * the blocks of a plane one by one.
 */
export function planeAffine(
  g: GraphBuilder,
  x: Value,
  factor: Value,
  offset: Value | undefined,
  { sum, activation }: Epilogue,
): Value {
  const [n, c] = sizesOf(x);
  const group = n * c;
  const extras = {
    bias: offset && g.reshape(offset, [group]),
    sum: sum && planesOf(g, sum),
    activation,
    group,
  };
  const weights = g.reshape(factor, [group, 1, 1, 1]);
  return g.reshape(conv(g, planesOf(g, x), weights, unitWindow(), extras), sizesOf(x));
}

/** x·factor + offset with factor and offset `[C]`, and an epilogue. */
export function affine(
  g: GraphBuilder,
  x: Value,
  factor: Value,
  offset: Value,
  epilogue: Epilogue = {},
): Value {
  const c = x.size(1);
  const weights = g.reshape(factor, [c, 1, 1, 1]);
  return conv(g, x, weights, unitWindow(), { bias: offset, ...epilogue, group: c });
}

/** Weights `[O, I, K, K]`, in any layout of weights, times a factor `[O, 1, 1, 1]`. */
export function scaledOutputs(g: GraphBuilder, weights: Value, factor: Value): Value {
  const [outputs, ...inner] = sizesOf(weights);
  // A block's outputs are its innermost axis, like channels.
  const seen = g.reshape(weights, [1, outputs, product(inner), 1]);
  return g.reshape(conv(g, seen, factor, unitWindow(), { group: outputs }), [outputs, ...inner]);
}
