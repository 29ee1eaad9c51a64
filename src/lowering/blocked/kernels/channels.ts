/** One number a channel: sums over maps, and maps multiplied and shifted by such numbers, each in one pass. */
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

/** Σ over batch and positions of x·y, of each channel: `[C]`. Every plane is a group with y as its weights. */
export function channelProducts(g: GraphBuilder, x: Value, y: Value): Value {
  const [n, c, h, w] = sizesOf(x);
  const planes = conv(g, g.reshape(x, [1, n * c, h, w]), g.reshape(y, [n * c, 1, h, w]), unitWindow(h, w), {
    group: n * c,
  });
  return g.op('ReduceSum', [g.reshape(planes, [n, c]), g.ints([0])], { keepdims: 0 });
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
