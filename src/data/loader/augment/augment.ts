/** A face, augmented, as a network's input. */
import type { FaceRegion, InputSpec, PixelImage } from '../../../vision/index.js';
import type { AugmentConfig } from './config.js';
import { drawLook } from './look.js';
import { LookWriter } from './look-writer.js';

/** Augments faces for one network. */
export class Augmenter {
  private readonly writer: LookWriter;

  constructor(
    spec: InputSpec,
    private readonly config: AugmentConfig,
  ) {
    this.writer = new LookWriter(spec);
  }

  /**
   * Writes one face into a batch, as `preprocess` does, augmented depending only on `seed`; without any change, the
   * result equals `preprocess` bit for bit.
   *
   * @param out `inputSize(spec)` numbers are written from `offset` on
   * @param seed an integer from 0
   */
  augment(
    image: PixelImage,
    region: FaceRegion | null,
    seed: number,
    out: Float32Array,
    offset: number,
  ): Promise<void> {
    return this.writer.write(image, region, drawLook(this.config, seed), out, offset);
  }
}
