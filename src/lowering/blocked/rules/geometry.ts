/** What convolutions and poolings of two dimensions say of themselves. */
import { slidingWindow } from '../../../onnx/index.js';
import type { Pair, Window2d } from '../kernels/window.js';
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
  const { strides, dilations, pads } = slidingWindow(c, kernel, () => spatial);
  const [top, left, bottom, right] = pads;
  return { kernel, strides: pair(strides), dilations: pair(dilations), pads: [top!, left!, bottom!, right!] };
}

/** The first two of a list of numbers. */
export const pair = ([height, width]: readonly number[]): Pair => [height!, width!];
