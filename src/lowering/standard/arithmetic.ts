/** Small pieces that several expansions are made of. */
import type { GraphBuilder, NumericType, Value } from '../../onnx/index.js';
import { filled, product } from '../sizes.js';

/** A constant of the element type of `like`. */
export const scalar = (g: GraphBuilder, value: number, like: Value): Value =>
  g.scalar(value, like.dtype as NumericType);

/** What a window covers along an axis. */
export const extent = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** The axes of `[N, C, ...]` without the channels. */
export const allButChannels = (x: Value): number[] =>
  Array.from({ length: x.shape!.length }, (_, i) => i).filter((i) => i !== 1);

/** `[C]` as `[C, 1, ...]`, to stand beside `[N, C, ...]`. */
export function perChannel(g: GraphBuilder, value: Value, like: Value): Value {
  const rank = like.shape!.length;
  return rank === 2 ? value : g.reshape(value, [-1, ...filled(rank - 2, 1)]);
}

/** The mean over the batch and all positions: `[C]`. */
export const channelMeans = (g: GraphBuilder, x: Value): Value =>
  g.opset < 18
    ? g.op('ReduceMean', [x], { axes: allButChannels(x), keepdims: 0 })
    : g.op('ReduceMean', [x, g.ints(allButChannels(x))], { keepdims: 0 });

/** The number of elements of each channel, as a scalar of the element type. */
export function channelCount(g: GraphBuilder, x: Value): Value {
  const sizes = x.shape!.filter((_, i) => i !== 1);
  if (sizes.every((d) => typeof d === 'number')) return scalar(g, product(sizes), x);
  const picked = g.op('Gather', [g.op('Shape', [x]), g.ints(allButChannels(x))]);
  const count = g.op('ReduceProd', [g.op('Cast', [picked], { to: 'float32' })], { keepdims: 0 });
  return x.dtype === 'float32' ? count : g.op('Cast', [count], { to: x.dtype });
}
