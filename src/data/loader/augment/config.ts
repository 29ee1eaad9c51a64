/** What augmentation may do to a face, how often and how much. */
import * as z from 'zod';

/** Both ends of a uniform range. */
const range = (least: number, most: number) =>
  z
    .tuple([z.number().min(least).max(most), z.number().min(least).max(most)])
    .refine(([low, high]) => low <= high, 'expected the lower end first');

/**
 * Every entry and every part of one is optional, with the default beside it. Defaults are mild enough to preserve a
 * person's apparent age; image degradations (blur, low resolution, compression) are rare, since most pictures are good.
 */
export const augmentSchema = z.strictObject({
  flip: z
    .strictObject({ probability: chance(0.5) })
    .prefault({})
    .describe('the mirror image'),
  shift: z
    .strictObject({
      probability: chance(0.5),
      share: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe("the largest shift along each axis, as a share of the crop's size"),
    })
    .prefault({})
    .describe('moves the crop'),
  scale: z
    .strictObject({
      probability: chance(0.5),
      factor: range(0.1, 10)
        .default([0.9, 1.11])
        .describe('the range of the factor, uniform in its logarithm'),
    })
    .prefault({})
    .describe('makes the face larger or smaller'),
  rotation: z
    .strictObject({
      probability: chance(0.3),
      degrees: z.number().min(0).max(180).default(10).describe('the largest angle to either side'),
    })
    .prefault({})
    .describe('rotates the face'),
  shear: z
    .strictObject({
      probability: chance(0),
      degrees: z
        .number()
        .min(0)
        .lt(90)
        .default(10)
        .describe('the largest angle to either side, as of the `shear_range` of Keras'),
    })
    .prefault({})
    .describe('slants the face: columns move up or down with their distance from the middle'),
  brightness: amount(0.3, 0.25, 'multiplies all values'),
  contrast: amount(0.3, 0.25, 'multiplies the difference from the mean grey'),
  saturation: amount(0.3, 0.3, "multiplies the difference from the pixel's own grey"),
  tint: amount(0.2, 0.1, 'multiplies each channel by a factor of its own: the colour of the light'),
  grey: z
    .strictObject({ probability: chance(0) })
    .prefault({})
    .describe('a black and white photograph'),
  fade: z
    .strictObject({
      probability: chance(0),
      share: range(0, 0.95)
        .default([0.2, 0.6])
        .describe('the range of the share of a pale tone in the picture'),
      tone: range(0, 255)
        .default([110, 220])
        .describe('the range of that tone, red above green above blue by up to 30 levels, like old paper'),
    })
    .prefault({})
    .describe('a faded print'),
  grain: z
    .strictObject({
      probability: chance(0),
      sigma: range(0, 64).default([3, 20]).describe('the range of its standard deviation, in levels of 256'),
    })
    .prefault({})
    .describe('noise that is the same in all three channels, like film grain'),
  blur: z
    .strictObject({
      probability: chance(0.1),
      sigma: range(0.1, 20)
        .default([0.4, 1.5])
        .describe("the range of its standard deviation, in pixels of the network's input"),
    })
    .prefault({})
    .describe('a Gaussian blur'),
  lowResolution: z
    .strictObject({
      probability: chance(0.1),
      share: range(0.02, 1)
        .default([0.3, 0.9])
        .describe('the range of the remaining share of width and height'),
    })
    .prefault({})
    .describe('shrinks and enlarges again'),
  jpeg: z
    .strictObject({
      probability: chance(0.1),
      quality: range(1, 100).default([30, 90]).describe('the range, out of 1 to 100'),
    })
    .prefault({})
    .describe('JPEG compression'),
  erasing: z
    .strictObject({
      probability: chance(0.5),
      area: range(0, 1).default([0.02, 0.4]).describe("the range of the rectangle's share of the picture"),
      ratio: range(0.01, 100).default([0.3, 3.3]).describe('the range of its height divided by its width'),
    })
    .prefault({})
    .describe(
      "noise over a rectangle (Zhong et al., Random Erasing Data Augmentation, AAAI 2020, with the paper's values)",
    ),
  mixup: z
    .strictObject({
      alpha: z
        .number()
        .min(0)
        .max(100)
        .default(0)
        .describe('both parameters of the beta distribution of the mixing share; 0 turns it off'),
    })
    .prefault({})
    .describe('blends faces in pairs, and their targets with them (Zhang et al., mixup, ICLR 2018)'),
});

function chance(usual: number) {
  return z.number().min(0).max(1).default(usual).describe('how often; 0 for never');
}

function amount(usual: number, size: number, description: string) {
  return z
    .strictObject({
      probability: chance(usual),
      amount: z.number().min(0).max(1).default(size).describe('the factor lies within 1 ± this'),
    })
    .prefault({})
    .describe(description);
}

/** The configuration as written: omitted values have defaults. */
export type AugmentOptions = z.input<typeof augmentSchema>;

/** The configuration as used: all values are present. */
export type AugmentConfig = z.output<typeof augmentSchema>;
