/**
 * Differentiable crops: written as products with interpolation matrices, so that gradients for the picture and the box
 * follow.
 */
import { float32, type Value } from '../onnx/index.js';
import type { Layers } from './layers.js';

/** Edges of a box for each picture, `[N, 1]`, from 0 for the first pixel's centre to 1 for the last one's. */
export interface Box {
  readonly top: Value;
  readonly left: Value;
  readonly bottom: Value;
  readonly right: Value;
}

/**
 * The mean over positions of bilinear samples: each map of `[N, C, H, W]` is cropped to its picture's box, resized to
 * `size` × `size` pixels with corners aligned to the box's (as in TensorFlow's `crop_and_resize`), and averaged; `[N,
 * C]`.
 *
 * A crop is rows · map · columnsᵀ with an interpolation matrix for each axis, so its mean is the sum of the map's
 * pixels weighted by the outer product of both matrices' mean rows; no crop needs to be computed.
 */
export function croppedMeans(l: Layers, maps: Value, box: Box, size: number): Value {
  const { g } = l;
  const [channels, height, width] = [1, 2, 3].map((axis) => maps.size(axis)) as [number, number, number];
  const shares = (start: Value, end: Value, pixels: number) =>
    g.op('ReduceMean', [interpolation(l, start, end, pixels, size), g.ints([1])], { keepdims: 0 });
  const rows = g.op('Unsqueeze', [shares(box.top, box.bottom, height), g.ints([2])]);
  const columns = g.op('Unsqueeze', [shares(box.left, box.right, width), g.ints([1])]);
  const weights = g.reshape(g.op('Mul', [rows, columns]), [-1, height * width, 1]);
  const pixels = g.reshape(maps, [0, channels, height * width]);
  return g.op('Squeeze', [g.op('MatMul', [pixels, weights]), g.ints([2])]);
}

/**
 * The weight of each pixel of an axis at `size` positions from `start` to `end`, both `[N, 1]`: `[N, size, pixels]`,
 * each max(0, 1 − |position − pixel|), so that a position uses the two pixels around it (Jaderberg et al., NIPS 2015,
 * equation 5).
 */
export function interpolation(l: Layers, start: Value, end: Value, pixels: number, size: number): Value {
  const { g } = l;
  const steps = Array.from({ length: size }, (_, i) => i / Math.max(1, size - 1));
  const along = g.op('Mul', [g.op('Sub', [end, start]), g.constant(float32('', [1, size], steps))]);
  const places = g.op('Mul', [g.op('Add', [start, along]), g.scalar(pixels - 1)]);
  const indices = g.constant(float32('', [1, 1, pixels], [...Array(pixels).keys()]));
  const distances = g.op('Abs', [g.op('Sub', [g.op('Unsqueeze', [places, g.ints([2])]), indices])]);
  return l.relu(g.op('Sub', [g.scalar(1), distances]));
}
