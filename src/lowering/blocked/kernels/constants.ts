/** One number for every channel, as kernels take it. */
import { type GraphBuilder, tensor, type Value } from '../../../onnx/index.js';
import { Memo } from '../memo.js';

const weights = new Memo<GraphBuilder, Value>();

/** Weights of a depthwise convolution of one tap: `[C, 1, 1, 1]`. */
export const constantWeights = (g: GraphBuilder, channels: number, value: number): Value =>
  weights.get(g, `${value} ${channels}`, () =>
    g.constant(tensor('', 'float32', [channels, 1, 1, 1], new Float32Array(channels).fill(value))),
  );
