/** Windows over height and width. */
import { endPadding, windowExtent } from '../../../onnx/index.js';

/** Along height and along width. */
export type Pair = readonly [number, number];
/** Top, left, bottom, right. */
export type Sides = readonly [number, number, number, number];

export interface Window2d {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly pads: Sides;
}

export const unitWindow = (height = 1, width = 1): Window2d => ({
  kernel: [height, width],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [0, 0, 0, 0],
});

/** The number of window positions along height (0) or width (1). */
export const places = (size: number, w: Window2d, axis: 0 | 1): number =>
  Math.floor((size + w.pads[axis] + w.pads[axis + 2]! - extentOf(w, axis)) / w.strides[axis]) + 1;

/**
 * The end padding covered by `count` windows, which may differ from the convolution's own if its last window stops
 * short.
 */
export const paddingBehind = (w: Window2d, sizes: Pair, count: Pair): [number, number] => {
  const along = (axis: 0 | 1) =>
    endPadding(sizes[axis], w.pads[axis], count[axis], extentOf(w, axis), w.strides[axis]);
  return [along(0), along(1)];
};

const extentOf = ({ kernel, dilations }: Window2d, axis: 0 | 1): number =>
  windowExtent(kernel[axis], dilations[axis]);
