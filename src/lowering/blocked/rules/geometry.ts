/** What convolutions and poolings of two dimensions say of themselves. */
import type { Pair, Sides, Window2d } from '../kernels/window.js';
import type { MapSizes } from '../layout/builder.js';
import { type HeldWeights, heldWeights } from '../layout/weights.js';
import type { BlockedNode } from '../node.js';

/** A convolution that blocked kernels support. */
export interface Convolution extends HeldWeights {
  readonly window: Window2d;
}

/**
 * The convolution, or the one that the node is a gradient of, with weights of these sizes, `[O, I/group, K, K]`, on
 * maps of this height and width; undefined if no blocked kernel supports its channels.
 */
export function convolutionOf(c: BlockedNode, weights: MapSizes, spatial: Pair): Convolution | undefined {
  const [, , ...kernel] = weights;
  const held = heldWeights(weights, c.int('group', 1), c.block);
  return held && { ...held, window: windowOf(c, kernel, spatial) };
}

/** The node's window, with automatic padding resolved for maps of this height and width. */
export function windowOf(c: BlockedNode, kernel: Pair, spatial: Pair): Window2d {
  const [strides, dilations] = [pair(c.ints('strides', [1, 1])), pair(c.ints('dilations', [1, 1]))];
  return { kernel, strides, dilations, pads: padsOf(c, kernel, strides, dilations, spatial) };
}

function padsOf(c: BlockedNode, kernel: Pair, strides: Pair, dilations: Pair, spatial: Pair): Sides {
  const auto = c.string('auto_pad', 'NOTSET');
  if (auto === 'NOTSET') {
    const [top, left, bottom, right] = c.ints('pads', [0, 0, 0, 0]);
    return [top!, left!, bottom!, right!];
  }
  if (!auto.startsWith('SAME')) return [0, 0, 0, 0];
  const along = (axis: 0 | 1) => {
    const stride = strides[axis];
    const reach = (Math.ceil(spatial[axis] / stride) - 1) * stride + (kernel[axis] - 1) * dilations[axis] + 1;
    const total = Math.max(reach - spatial[axis], 0);
    const begin = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
    return [begin, total - begin] as const;
  };
  const [[top, bottom], [left, right]] = [along(0), along(1)];
  return [top, left, bottom, right];
}

/** The first two of a list of numbers. */
export const pair = ([height, width]: readonly number[]): Pair => [height!, width!];
