/**
 * The orders of elements in memory that the blocked kernels of ONNX Runtime's CPU provider read and write. A value
 * keeps its nominal shape; blocks of channels become the innermost axis, as wide as the processor's vectors. Incomplete
 * blocks of channels are filled up first (see fill.ts); the table shows the result.
 *
 * | layout | nominal shape | order in memory, B the block |
 * |---|---|---|
 * | channels | `[N, C, H, W]` | `[N, C/B, H, W, B]` |
 * | dense | `[O, I, K, K]`, weights | `[O/B, I/B, K, K, B of I, B of O]` |
 * | thin | `[O, I, K, K]`, weights of fewer input channels than a block | `[O/B, I, K, K, B]` |
 * | depthwise | `[C, 1, K, K]`, weights | `[C/B, K, K, B]` |
 *
 * Source: MlasNchwcConv and MlasReorder* of ONNX Runtime (onnxruntime/core/mlas/lib/snchwc.cpp, reorder.cpp).
 */

import { product } from '../../sizes.js';

/** The number of channels in a block: 8 on AVX, AVX2 and others, 16 on AVX-512. */
export type BlockSize = 8 | 16;

export const LAYOUTS = ['plain', 'channels', 'dense', 'thin', 'depthwise'] as const;
export type Layout = (typeof LAYOUTS)[number];
export type WeightLayout = Exclude<Layout, 'plain' | 'channels'>;

/** A layout as a transposition: the shape to view the plain value in, and its axes in memory order. */
export interface Transposition {
  readonly view: readonly number[];
  readonly perm: readonly number[];
}

/**
 * @param dims the nominal shape, of four axes
 * @throws RangeError if a number of channels is not divisible by the block, or the shape does not suit the layout.
 */
export function transpositionOf(layout: Layout, dims: readonly number[], block: BlockSize): Transposition {
  const [outer = 1, inner = 1, ...window] = dims;
  const area = product(window);
  const blocks = (count: number): number => {
    if (dims.length === 4 && count % block === 0) return count / block;
    throw new RangeError(`Layout ${layout} in blocks of ${block} does not hold [${dims.join(', ')}]`);
  };
  switch (layout) {
    case 'plain':
      return { view: dims, perm: dims.map((_, i) => i) };
    case 'channels':
      return { view: [outer, blocks(inner), block, area], perm: [0, 1, 3, 2] };
    case 'dense':
      return { view: [blocks(outer), block, blocks(inner), block, area], perm: [0, 2, 4, 3, 1] };
    case 'thin':
      return { view: [blocks(outer), block, inner, area], perm: [0, 2, 3, 1] };
    case 'depthwise':
      if (inner !== 1) throw new RangeError(`Layout depthwise does not hold [${dims.join(', ')}]`);
      return { view: [blocks(outer), block, area], perm: [0, 2, 1] };
  }
}

/** The inverse transposition. */
export function inverse({ view, perm }: Transposition): Transposition {
  const back = perm.map((_, axis) => perm.indexOf(axis));
  return { view: perm.map((axis) => view[axis]!), perm: back };
}

/** Reorders elements from ONNX's order to a layout's. Errors as in `transpositionOf`. */
export const pack = (
  values: Float32Array,
  dims: readonly number[],
  layout: Layout,
  block: BlockSize,
): Float32Array => transposed(values, transpositionOf(layout, dims, block));

/** Reorders elements from a layout's order to ONNX's. Errors as in `transpositionOf`. */
export const unpack = (
  values: Float32Array,
  dims: readonly number[],
  layout: Layout,
  block: BlockSize,
): Float32Array => transposed(values, inverse(transpositionOf(layout, dims, block)));

function transposed(values: Float32Array, { view, perm }: Transposition): Float32Array {
  const strides = view.map((_, axis) => product(view.slice(axis + 1)));
  const sizes = perm.map((axis) => view[axis]!);
  const steps = perm.map((axis) => strides[axis]!);
  const result = new Float32Array(values.length);
  const place = sizes.map(() => 0);
  const last = sizes.length - 1;
  const [size, step] = [sizes[last]!, steps[last]!];
  let from = 0;
  for (let to = 0; to < result.length; to += size) {
    for (let k = 0; k < size; k++) result[to + k] = values[from + k * step]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      from += steps[axis]!;
      if (++place[axis]! < sizes[axis]!) break;
      from -= steps[axis]! * sizes[axis]!;
      place[axis] = 0;
    }
  }
  return result;
}
