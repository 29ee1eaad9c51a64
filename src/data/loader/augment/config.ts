/** What augmentation may do to a face, how often and how much. */
import { z } from 'zod';

const probability = z.number().min(0).max(1);

/** Both ends of a range, within which a value is uniform. */
const range = (least: number, most: number) =>
  z
    .tuple([z.number().min(least).max(most), z.number().min(least).max(most)])
    .refine(([low, high]) => low <= high, 'expected the lower end first');

/**
 * Every entry may be left out, and so may every part of one: the defaults stand beside them. They are mild enough
 * to leave a person's age as it was; what a camera and a network do to pictures (blur, few pixels, compression) is
 * rare, since most pictures are good.
 */
export const augmentSchema = z.strictObject({
  /** The mirror image. */
  flip: z.strictObject({ probability: probability.default(0.5) }).prefault({}),
  /** Moves the crop along each axis by up to this share of its size. */
  shift: z
    .strictObject({ probability: probability.default(0.5), share: z.number().min(0).max(1).default(0.1) })
    .prefault({}),
  /** Makes the face larger or smaller by a factor in this range, uniform in its logarithm. */
  scale: z
    .strictObject({ probability: probability.default(0.5), factor: range(0.1, 10).default([0.9, 1.11]) })
    .prefault({}),
  /** Turns the face by up to this angle to either side. */
  rotation: z
    .strictObject({ probability: probability.default(0.3), degrees: z.number().min(0).max(180).default(10) })
    .prefault({}),
  /** Multiplies all values by 1 ± amount. */
  brightness: amount(0.3, 0.25),
  /** Multiplies what lies above or below the mean grey by 1 ± amount. */
  contrast: amount(0.3, 0.25),
  /** Multiplies what sets a pixel apart from its own grey by 1 ± amount. */
  saturation: amount(0.3, 0.3),
  /** Multiplies each channel by 1 ± amount of its own: the colour of the light. */
  tint: amount(0.2, 0.1),
  /** A Gaussian of this standard deviation, in pixels of the network's input. */
  blur: z
    .strictObject({ probability: probability.default(0.1), sigma: range(0.1, 20).default([0.4, 1.5]) })
    .prefault({}),
  /** Shrinks to this share of width and height, and enlarges again. */
  lowResolution: z
    .strictObject({ probability: probability.default(0.1), share: range(0.02, 1).default([0.3, 0.9]) })
    .prefault({}),
  /** Compresses at a quality of 1..100. */
  jpeg: z
    .strictObject({ probability: probability.default(0.1), quality: range(1, 100).default([30, 90]) })
    .prefault({}),
  /**
   * Noise over a rectangle of this share of the area and this ratio of height to width: Zhong et al., Random Erasing
   * Data Augmentation, AAAI 2020, with the paper's values.
   */
  erasing: z
    .strictObject({
      probability: probability.default(0.5),
      area: range(0, 1).default([0.02, 0.4]),
      ratio: range(0.01, 100).default([0.3, 3.3]),
    })
    .prefault({}),
  /**
   * Blends faces in pairs, and their targets with them: Zhang et al., mixup, ICLR 2018. The share of one of the two
   * is drawn from the beta distribution with both parameters `alpha`; 0, which is the default, blends none.
   */
  mixup: z.strictObject({ alpha: z.number().min(0).max(100).default(0) }).prefault({}),
});

function amount(chance: number, size: number) {
  return z
    .strictObject({
      probability: probability.default(chance),
      amount: z.number().min(0).max(1).default(size),
    })
    .prefault({});
}

/** As it is written: what is left out has its default. */
export type AugmentOptions = z.input<typeof augmentSchema>;

/** As it is used: every value is there. */
export type AugmentConfig = z.output<typeof augmentSchema>;
