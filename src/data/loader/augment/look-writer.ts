/** Faces that look as they are told to, as a network's input: one warp, then pixels. */
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
import { erase } from './erase.js';
import { grain } from './grain.js';
import type { Look } from './look.js';
import { lowerResolution } from './low-resolution.js';
import { placedTransform } from './placement.js';
import { tensorWriter } from './tensor.js';

export class LookWriter {
  private readonly toTensor: ReturnType<typeof tensorWriter>;

  /** @param spec of the network that sees the faces */
  constructor(private readonly spec: InputSpec) {
    this.toTensor = tensorWriter(spec);
  }

  /**
   * Writes one face into a batch, as `preprocess` does; without any change, the result equals that of `preprocess` bit
   * for bit.
   *
   * @param region the face, or null if the whole picture is the cropped face
   * @param out `inputSize(spec)` numbers are written from `offset` on
   */
  async write(
    image: PixelImage,
    region: FaceRegion | null,
    look: Look,
    out: Float32Array,
    offset: number,
  ): Promise<void> {
    const { spec } = this;
    const { width, height } = spec;
    const map = placedTransform(cropRegion(image, region, spec), look.placement, width, height);
    if (!changesPixels(look)) {
      warp(image, map, width, height, tensorRows(out, offset, width, height, spec));
      return;
    }
    const face = warpImage(image, map, width, height);
    await changePixels(face, look);
    this.toTensor(face, out, offset);
  }
}

/** In the order of image formation: low resolution, blur, grain, colour, compression, occlusion. */
async function changePixels(face: PixelImage, look: Look): Promise<void> {
  if (look.lowResolution !== undefined) lowerResolution(face, look.lowResolution);
  if (look.blur !== undefined) blur(face, look.blur);
  if (look.grain !== undefined) grain(face, look.grain.sigma, look.grain.seed);
  if (look.colour !== undefined) changeColour(face, look.colour);
  if (look.jpeg !== undefined) await compress(face, look.jpeg);
  if (look.erasing !== undefined) erase(face, look.erasing, look.erasing.seed);
}

const changesPixels = ({ lowResolution, blur, grain, colour, jpeg, erasing }: Look): boolean =>
  lowResolution !== undefined ||
  blur !== undefined ||
  grain !== undefined ||
  colour !== undefined ||
  jpeg !== undefined ||
  erasing !== undefined;
