/** Small pieces that several expansions are made of. */
import type { GraphBuilder, Value } from '../../onnx/index.js';
import { filled } from '../sizes.js';

/** The axes of `[N, C, ...]` without the channels. */
export const allButChannels = (x: Value): number[] =>
  Array.from({ length: x.shape!.length }, (_, i) => i).filter((i) => i !== 1);

/** `[C]` as `[C, 1, ...]`, to broadcast with `[N, C, ...]`. */
export function perChannel(g: GraphBuilder, value: Value, like: Value): Value {
  const rank = like.shape!.length;
  return rank === 2 ? value : g.reshape(value, [-1, ...filled(rank - 2, 1)]);
}

/** The mean over the batch and all positions: `[C]`. */
export const channelMeans = (g: GraphBuilder, x: Value): Value =>
  g.reduce('ReduceMean', x, allButChannels(x), { keepdims: 0 });
