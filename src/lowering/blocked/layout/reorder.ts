/** Values of a graph brought from one layout into another. */
import type { GraphBuilder, Value } from '../../../onnx/index.js';
import { BLOCKED_DOMAIN, type KernelBuilder, type MapSizes, sizesOf } from './builder.js';
import { inverse, type Layout, type Transposition, transpositionOf } from './layouts.js';

/** A plain value in the layout `channels`. */
export function reorderInput(g: GraphBuilder, x: Value): Value {
  return g.custom(BLOCKED_DOMAIN, 'ReorderInput', 1, [x], {
    types: [{ dtype: 'float32', shape: sizesOf(x) }],
  })[0];
}

/** A value in the layout `channels`, plain. */
export function reorderOutput(g: GraphBuilder, x: Value): Value {
  return g.custom(BLOCKED_DOMAIN, 'ReorderOutput', 1, [x], {
    attributes: { channels: x.size(1) },
    types: [{ dtype: 'float32', shape: sizesOf(x) }],
  })[0];
}

/** Whether a layout is the plain order: single positions have nothing to interleave. */
const isPlain = (layout: Layout, [, , h, w]: MapSizes): boolean =>
  layout === 'plain' || (layout === 'channels' && h === 1 && w === 1);

/** The value in another layout, by way of the plain one. */
export function relayout({ g, block }: KernelBuilder, x: Value, from: Layout, to: Layout): Value {
  const sizes = sizesOf(x);
  const [packed, wanted] = [!isPlain(from, sizes), !isPlain(to, sizes)];
  if (from === to || (!packed && !wanted)) return x;
  const reorders = x.dtype === 'float32';
  const plain = !packed
    ? x
    : from === 'channels' && reorders
      ? reorderOutput(g, x)
      : transpose(g, x, inverse(transpositionOf(from, sizes, block)));
  if (!wanted) return plain;
  return to === 'channels' && reorders
    ? reorderInput(g, plain)
    : transpose(g, plain, transpositionOf(to, sizes, block));
}

function transpose(g: GraphBuilder, x: Value, { view, perm }: Transposition): Value {
  const turned = g.op('Transpose', [g.reshape(x, view)], { perm });
  return g.reshape(turned, sizesOf(x));
}
