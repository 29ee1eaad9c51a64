/** One number for every channel, as kernels take it. */
import { type GraphBuilder, tensor, type Value } from '../../../onnx/index.js';
import { Memo } from '../memo.js';

const weights = new Memo<GraphBuilder, Value>();
const vectors = new Memo<GraphBuilder, Value>();

const constant = (g: GraphBuilder, dims: readonly number[], channels: number, value: number): Value =>
  g.constant(tensor('', 'float32', dims, new Float32Array(channels).fill(value)));

/** Weights of a depthwise convolution of one tap: `[C, 1, 1, 1]`. */
export const constantWeights = (g: GraphBuilder, channels: number, value: number): Value =>
  weights.get(g, `${value} ${channels}`, () => constant(g, [channels, 1, 1, 1], channels, value));

/** `[C]` */
export const constantVector = (g: GraphBuilder, channels: number, value: number): Value =>
  vectors.get(g, `${value} ${channels}`, () => constant(g, [channels], channels, value));
