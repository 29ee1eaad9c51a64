/** A face, augmented, as a network's input. */
import {
  cropRegion,
  type FaceRegion,
  type InputSpec,
  type PixelImage,
  tensorRows,
  warp,
  warpImage,
} from '../../../vision/index.js';
import { blur } from './blur.js';
import { changeColour } from './colour.js';
import { compress } from './compress.js';
import type { AugmentConfig } from './config.js';
import { erase } from './erase.js';
import { grain } from './grain.js';
import { drawLook, type Look } from './look.js';
import { lowerResolution } from './low-resolution.js';
import { placedTransform } from './placement.js';
import { tensorWriter } from './tensor.js';

/** Augments faces for one network. */
export class Augmenter {
  private readonly write: ReturnType<typeof tensorWriter>;

  constructor(
    private readonly spec: InputSpec,
    private readonly config: AugmentConfig,
  ) {
    this.write = tensorWriter(spec);
  }

  /**
   * Writes one face into a batch, as `preprocess` does, augmented depending only on `seed`; without any change, the
   * result equals `preprocess` bit for bit.
   *
   * @param out `inputSize(spec)` numbers are written from `offset` on
   * @param seed an integer from 0
   */
  async augment(
    image: PixelImage,
    region: FaceRegion | null,
    seed: number,
    out: Float32Array,
    offset: number,
  ): Promise<void> {
    const { spec, config } = this;
    const { width, height } = spec;
    const look = drawLook(config, seed);
    const map = placedTransform(cropRegion(image, region, spec), look.placement, width, height);
    if (!changesPixels(look)) {
      warp(image, map, width, height, tensorRows(out, offset, width, height, spec));
      return;
    }
    const face = warpImage(image, map, width, height);
    await changePixels(face, look, config);
    this.write(face, out, offset);
  }
}

/** In the order of image formation: low resolution, blur, grain, colour, compression, occlusion. */
async function changePixels(face: PixelImage, look: Look, { erasing }: AugmentConfig): Promise<void> {
  if (look.lowResolution !== undefined) lowerResolution(face, look.lowResolution);
  if (look.blur !== undefined) blur(face, look.blur);
  if (look.grain !== undefined) grain(face, look.grain.sigma, look.grain.seed);
  if (look.colour !== undefined) changeColour(face, look.colour);
  if (look.jpeg !== undefined) await compress(face, look.jpeg);
  if (look.erasing !== undefined) erase(face, erasing, look.erasing);
}

const changesPixels = ({ lowResolution, blur, grain, colour, jpeg, erasing }: Look): boolean =>
  lowResolution !== undefined ||
  blur !== undefined ||
  grain !== undefined ||
  colour !== undefined ||
  jpeg !== undefined ||
  erasing !== undefined;
