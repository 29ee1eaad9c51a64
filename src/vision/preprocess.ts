/**
 * The only preprocessing: from a face in a picture to a network's input. Training, evaluation, Node and the browser all
 * call it, because a crop that differs between training and use loses more accuracy than most improvements of a network
 * gain.
 */

import type { InputSpec } from '../metadata/index.js';
import { cropRegion, cropTransform, type FaceRegion } from './crop.js';
import { tensorRows } from './rows.js';
import type { PixelImage } from './types.js';
import { warp, warpImage } from './warp.js';

/** Numbers per face in the network's input: 3 · height · width. */
export function inputSize(spec: Pick<InputSpec, 'width' | 'height'>): number {
  return 3 * spec.width * spec.height;
}

/**
 * Writes one face's tensor into a batch, `[3, H, W]` or `[H, W, 3]` as `spec.layout` says.
 *
 * @param region the face, or null if the whole picture is the cropped face (no margin is added)
 * @param out the batch's buffer; `inputSize(spec)` numbers are written from `offset` on
 * @throws RangeError if they do not fit
 */
export function preprocess(
  image: PixelImage,
  region: FaceRegion | null,
  spec: InputSpec,
  out: Float32Array,
  offset = 0,
): void {
  const end = offset + inputSize(spec);
  if (offset < 0 || end > out.length) {
    throw new RangeError(
      `out: expected room for numbers ${offset} to ${end}, found a length of ${out.length}`,
    );
  }
  const map = cropTransform(cropRegion(image, region, spec), spec.width, spec.height);
  warp(image, map, spec.width, spec.height, tensorRows(out, offset, spec.width, spec.height, spec));
}

/** The same crop as an image of `spec.width` × `spec.height` pixels: what the network sees, for display or storage. */
export function cropImage(image: PixelImage, region: FaceRegion | null, spec: InputSpec): PixelImage {
  const map = cropTransform(cropRegion(image, region, spec), spec.width, spec.height);
  return warpImage(image, map, spec.width, spec.height);
}
