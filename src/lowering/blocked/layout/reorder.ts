/** Values of a graph brought from one layout into another. */
import type { GraphBuilder, Value } from '../../../onnx/index.js';
import { BLOCKED_DOMAIN, type KernelBuilder, type MapSizes, sizesOf } from './builder.js';
import { heldSizes } from './fill.js';
import { inverse, type Layout, type Transposition, transpositionOf } from './layouts.js';

/** A plain value in the layout `channels`, filled with zeros up to `channels`. */
export function reorderInput(g: GraphBuilder, x: Value, channels = x.size(1)): Value {
  const [n, , h, w] = sizesOf(x);
  return g.custom(BLOCKED_DOMAIN, 'ReorderInput', 1, [x], {
    types: [{ dtype: 'float32', shape: [n, channels, h, w] }],
  })[0];
}

/** A value in the layout `channels` as a plain value, cut to that many channels if given. */
export function reorderOutput(g: GraphBuilder, x: Value, channels = x.size(1)): Value {
  const [n, , h, w] = sizesOf(x);
  return g.custom(BLOCKED_DOMAIN, 'ReorderOutput', 1, [x], {
    attributes: { channels },
    types: [{ dtype: 'float32', shape: [n, channels, h, w] }],
  })[0];
}

/**
 * The value in another layout, through the plain one.
 * @param sizes of the plain value, if it is stored with more channels
 */
export function relayout(
  b: KernelBuilder,
  x: Value,
  from: Layout,
  to: Layout,
  sizes: MapSizes = sizesOf(x),
): Value {
  return from === to ? x : fromPlain(b, toPlain(b, x, from, sizes), to);
}

function toPlain({ g, block }: KernelBuilder, x: Value, from: Layout, sizes: MapSizes): Value {
  const held = heldSizes(from, sizes, block);
  if (isPlain(from, sizes, held)) return x;
  if (from === 'channels' && x.dtype === 'float32') return reorderOutput(g, x, sizes[1]);
  const whole = transpose(g, x, inverse(transpositionOf(from, held, block)));
  if (same(sizes, held)) return whole;
  return g.op('Slice', [whole, g.ints([0, 0]), g.ints(sizes.slice(0, 2)), g.ints([0, 1])]);
}

function fromPlain({ g, block }: KernelBuilder, x: Value, to: Layout): Value {
  const sizes = sizesOf(x);
  const held = heldSizes(to, sizes, block);
  if (isPlain(to, sizes, held)) return x;
  if (to === 'channels' && x.dtype === 'float32') return reorderInput(g, x, held[1]);
  const missing = held.map((size, i) => size - sizes[i]!);
  const whole = same(sizes, held) ? x : g.op('Pad', [x, g.ints([0, 0, 0, 0, ...missing])]);
  return transpose(g, whole, transpositionOf(to, held, block));
}

const same = (a: MapSizes, b: MapSizes): boolean => a.join() === b.join();

/** Whether a layout is the plain order: single positions need no interleaving. */
const isPlain = (layout: Layout, sizes: MapSizes, held: MapSizes): boolean =>
  layout === 'plain' || (layout === 'channels' && sizes[2] === 1 && sizes[3] === 1 && same(sizes, held));

function transpose(g: GraphBuilder, x: Value, { view, perm }: Transposition): Value {
  const turned = g.op('Transpose', [g.reshape(x, view)], { perm });
  return g.reshape(turned, sizesOf(x));
}
