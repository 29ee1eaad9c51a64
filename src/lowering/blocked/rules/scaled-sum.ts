/** Multiples of large tensors, and sums with them, as optimisers are made of, in one pass over the memory. */
import type { Node, Value } from '../../../onnx/index.js';
import type { Blocking, Scaled } from '../blocking.js';
import { conv, unitWindow } from '../kernels/operators.js';
import { isScalar, product } from '../kernels/sizes.js';

/** Below this many elements a pass costs less than its call. */
const WORTHWHILE = 4096;

/** What a node multiplies by one number, where that is large and its channels fill blocks. */
export function scaledOf({ store, block }: Blocking, node: Node): Scaled | undefined {
  const [left, right] = node.inputs as [string, string];
  const [x, factor] = isScalar(store.sizes(right)) ? [left, right] : [right, left];
  const sizes = store.sizes(x);
  const layout = store.offered(x)[0];
  const numbers = isScalar(store.sizes(factor)) && store.type(x)?.dtype === 'float32';
  if (sizes?.length !== 4 || !numbers || layout === undefined || layout === 'plain') return undefined;
  if (sizes[1]! % block !== 0 || product(sizes) < WORTHWHILE) return undefined;
  return { x, factor, layout };
}

/**
 * x·factor (+ or, where subtracted, from another value), in the layout of x: a depthwise convolution of one tap with
 * the other value as its sum. In which order the elements lie makes no difference to it, since all are treated alike.
 * For 1×1 weights this takes a fifth of the time of a product and a sum (3.4 ms instead of 15.8 for both halves of an
 * update of 2048 × 512), for others as long.
 */
export function scaledSum(
  b: Blocking,
  { x, factor, layout }: Scaled,
  other?: string,
  subtracted = false,
): Value {
  const { g, store } = b;
  const channels = store.sizes(x)![1]!;
  const key = `${subtracted ? '-' : ''}${factor}[${channels}]`;
  let weights = b.factors.get(key);
  if (weights === undefined) {
    const value = store.plain(factor);
    const signed = subtracted ? g.op('Neg', [value]) : value;
    weights = g.op('Expand', [g.reshape(signed, [1, 1, 1, 1]), g.ints([channels, 1, 1, 1])]);
    b.factors.set(key, weights);
  }
  const sum = other === undefined ? undefined : store.in(other, layout);
  return conv(g, store.in(x, layout), weights, unitWindow(), { sum, group: channels });
}
