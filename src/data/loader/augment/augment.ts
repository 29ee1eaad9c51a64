/** A face, augmented, as a network's input. */
import {
  byteRows,
  cropRegion,
  type FaceRegion,
  type InputSpec,
  type PixelImage,
  resizeToTensor,
  tensorRows,
  warp,
} from '../../../vision/index.js';
import { blur } from './blur.js';
import { changeColour } from './colour.js';
import { compress } from './compress.js';
import type { AugmentConfig } from './config.js';
import { erase } from './erase.js';
import type { Look } from './look.js';
import { lowerResolution } from './low-resolution.js';
import { placedTransform } from './placement.js';

/**
 * Writes one face into a batch, as `preprocess` does, with the look that was drawn for it; where that changes nothing,
 * the same numbers to the last bit. In the order in which a picture comes about: placement, few pixels, blur, colour,
 * compression, and what hides part of it.
 *
 * @param out `inputSize(spec)` numbers are written from `offset` on
 */
export async function augment(
  image: PixelImage,
  region: FaceRegion | null,
  spec: InputSpec,
  look: Look,
  { erasing }: Pick<AugmentConfig, 'erasing'>,
  out: Float32Array,
  offset: number,
): Promise<void> {
  const { width, height } = spec;
  const map = placedTransform(cropRegion(image, region, spec), look.placement, width, height);
  if (!changesPixels(look)) {
    warp(image, map, width, height, tensorRows(out, offset, width, height, spec));
    return;
  }
  const face: PixelImage = { width, height, data: new Uint8Array(3 * width * height) };
  warp(image, map, width, height, byteRows(face.data, width));
  if (look.lowResolution !== undefined) lowerResolution(face, look.lowResolution);
  if (look.blur !== undefined) blur(face, look.blur);
  if (look.colour !== undefined) changeColour(face, look.colour);
  if (look.jpeg !== undefined) await compress(face, look.jpeg);
  if (look.erasing !== undefined) erase(face, erasing, look.erasing);
  // Of the same size, so that pixels stay as they are.
  resizeToTensor(face, width, height, spec, out, offset);
}

const changesPixels = ({ lowResolution, blur, colour, jpeg, erasing }: Look): boolean =>
  lowResolution !== undefined ||
  blur !== undefined ||
  colour !== undefined ||
  jpeg !== undefined ||
  erasing !== undefined;
