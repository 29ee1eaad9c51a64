/** Multiples of large tensors, and sums with them, as optimisers are made of, in one pass over the memory. */
import type { Value } from '../../../onnx/index.js';
import { isScalar, product } from '../../sizes.js';
import { conv } from '../kernels/operators.js';
import { unitWindow } from '../kernels/window.js';
import type { KernelBuilder } from '../layout/builder.js';
import type { Layout } from '../layout/layouts.js';
import { Memo } from '../memo.js';
import type { BlockedNode, Rule } from '../node.js';
import type { BlockedValue } from '../value.js';
import { elementwise, sameSizes } from './elementwise.js';

/** A product of a tensor, in any layout, and a scalar. */
interface Scaled {
  readonly x: BlockedValue;
  readonly factor: BlockedValue;
  readonly layout: Layout;
  readonly channels: number;
}

/** Below this many elements a pass costs less than its call. */
const WORTHWHILE = 4096;

/** Products not written yet, in case they become part of a sum. */
const waiting = new WeakMap<BlockedValue, Scaled>();

export const scale: Rule = (c) => {
  const scaled = scaledOf(c);
  if (scaled === undefined) return false;
  const y = c.output();
  y.set(scaled.layout, () => scaledSum(c, scaled));
  if (y.usage.uses === 1) waiting.set(y, scaled);
  return true;
};

export const subtract: Rule = (c) => addScaled(c) || elementwise(c);

/** Writes a sum or difference with an operand that is a product with a scalar; false if there is none. */
export const addScaled: Rule = (c) => {
  const [left, right] = [c.input(0), c.input(1)];
  if (left === right || !sameSizes(left.sizes, right.sizes)) return false;
  const subtracts = c.node.op === 'Sub';
  const [scaledRight, scaledLeft] = [waiting.get(right), subtracts ? undefined : waiting.get(left)];
  const scaled = scaledRight ?? scaledLeft;
  if (scaled === undefined) return false;
  const other = scaled === scaledRight ? left : right;
  c.output().set(scaled.layout, scaledSum(c, scaled, other, subtracts));
  return true;
};

/** The operand that a node multiplies by a scalar, if it is large and its channels fill blocks. */
function scaledOf(c: BlockedNode): Scaled | undefined {
  const [left, right] = [c.input(0), c.input(1)];
  const [x, factor] = isScalar(right.sizes) ? [left, right] : [right, left];
  const { sizes4: sizes, layout, dtype } = x;
  if (sizes === undefined || layout === undefined || layout === 'plain' || dtype !== 'float32')
    return undefined;
  if (!isScalar(factor.sizes) || sizes[1] % c.block !== 0 || product(sizes) < WORTHWHILE) return undefined;
  return { x, factor, layout, channels: sizes[1] };
}

/** Numbers as the weights of a depthwise convolution. */
const factors = new Memo<BlockedValue, Value>();

/**
 * x·factor (+ or, where subtracted, from another value), in the layout of x: a one-tap depthwise convolution with the
 * other value as its sum. The order of elements does not matter, since all are treated alike. For 1×1 weights this
 * takes a fifth of the time of a product and a sum (3.4 ms instead of 15.8 for both halves of an update of 2048 × 512),
 * for others the same.
 */
function scaledSum(
  { g }: KernelBuilder,
  { x, factor, layout, channels }: Scaled,
  other?: BlockedValue,
  subtracted = false,
): Value {
  const weights = factors.get(factor, `${subtracted ? '-' : ''}${channels}`, () => {
    const signed = subtracted ? g.op('Neg', [factor.plain]) : factor.plain;
    return g.op('Expand', [g.reshape(signed, [1, 1, 1, 1]), g.ints([channels, 1, 1, 1])]);
  });
  const sum = other?.in(layout);
  return conv(g, x.in(layout), weights, unitWindow(), { sum, group: channels });
}
