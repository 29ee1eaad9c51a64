/** How a face is to look; in training every random choice of its augmentation, drawn before a pixel is touched. */
import { Random } from '../../../random/index.js';
import { type ColourChange, type Fade, NO_FADE } from './colour.js';
import type { AugmentConfig } from './config.js';
import type { Placement } from './placement.js';

export interface Look {
  readonly placement: Placement;
  /** Undefined if nothing is changed; so are the others. */
  readonly colour: ColourChange | undefined;
  /** Standard deviation in pixels. */
  readonly blur: number | undefined;
  /** The share of width and height of the intermediate picture. */
  readonly lowResolution: number | undefined;
  /** The standard deviation of noise in levels, and its seed. */
  readonly grain: { readonly sigma: number; readonly seed: number } | undefined;
  /** A quality of 1..100. */
  readonly jpeg: number | undefined;
  /** The seed of the rectangle and its noise, and the ranges that it is drawn from. */
  readonly erasing:
    | (Pick<AugmentConfig['erasing'], 'area' | 'ratio'> & { readonly seed: number })
    | undefined;
}

/** A face as it is. */
export const PLAIN_LOOK: Look = {
  placement: { flip: false, shiftX: 0, shiftY: 0, scale: 1, angle: 0, shear: 0 },
  colour: undefined,
  blur: undefined,
  lowResolution: undefined,
  grain: undefined,
  jpeg: undefined,
  erasing: undefined,
};

/**
 * The maximum step in levels from red to green and from green to blue of faded paper: half of the 30 between red and
 * blue.
 */
const PAPER = 15;

/** Each augmentation has its own random stream, so that adding or removing one does not change the others. */
const STREAMS = {
  flip: 0,
  shift: 1,
  scale: 2,
  rotation: 3,
  brightness: 4,
  contrast: 5,
  saturation: 6,
  tint: 7,
  blur: 8,
  lowResolution: 9,
  jpeg: 10,
  erasing: 11,
  grey: 12,
  fade: 13,
  grain: 14,
  shear: 15,
} as const;

/** @param seed the sample's own, an integer from 0 */
export function drawLook(config: AugmentConfig, seed: number): Look {
  /** The value of an augmentation if it is applied, else undefined. */
  const drawn = <T>(name: keyof typeof STREAMS, value: (random: Random) => T): T | undefined => {
    const { probability } = config[name];
    if (probability === 0) return undefined;
    const random = new Random(seed, STREAMS[name]);
    return random.chance(probability) ? value(random) : undefined;
  };
  const within =
    ([low, high]: readonly [number, number]) =>
    (random: Random) =>
      random.between(low, high);
  const factor =
    ({ amount }: { readonly amount: number }) =>
    (random: Random) =>
      random.between(1 - amount, 1 + amount);
  const bothSides = (most: number, random: Random) => random.between(-most, most);

  const { shift, scale, rotation, shear, brightness, contrast, saturation, tint } = config;
  const isGrey = drawn('grey', () => true) ?? false;
  const fade = drawn('fade', (r): Fade => {
    const share = within(config.fade.share)(r);
    const red = within(config.fade.tone)(r);
    const green = red - r.between(0, PAPER);
    return { share, tone: [red, green, green - r.between(0, PAPER)] };
  });
  const [shiftX, shiftY] = drawn('shift', (r) => [bothSides(shift.share, r), bothSides(shift.share, r)]) ?? [
    0, 0,
  ];
  const colour = {
    brightness: drawn('brightness', factor(brightness)) ?? 1,
    contrast: drawn('contrast', factor(contrast)) ?? 1,
    saturation: isGrey ? 0 : (drawn('saturation', factor(saturation)) ?? 1),
    tint:
      drawn('tint', (r) => [factor(tint)(r), factor(tint)(r), factor(tint)(r)] as const) ??
      ([1, 1, 1] as const),
    fade: fade ?? NO_FADE,
  };
  const plain =
    fade === undefined &&
    [colour.brightness, colour.contrast, colour.saturation, ...colour.tint].every((f) => f === 1);
  return {
    placement: {
      flip: drawn('flip', () => true) ?? false,
      shiftX: shiftX!,
      shiftY: shiftY!,
      scale:
        drawn('scale', (r) => Math.exp(within([Math.log(scale.factor[0]), Math.log(scale.factor[1])])(r))) ??
        1,
      angle: drawn('rotation', (r) => (bothSides(rotation.degrees, r) * Math.PI) / 180) ?? 0,
      shear: drawn('shear', (r) => (bothSides(shear.degrees, r) * Math.PI) / 180) ?? 0,
    },
    colour: plain ? undefined : colour,
    blur: drawn('blur', within(config.blur.sigma)),
    lowResolution: drawn('lowResolution', within(config.lowResolution.share)),
    grain: drawn('grain', (r) => ({ sigma: within(config.grain.sigma)(r), seed: r.bits() })),
    jpeg: drawn('jpeg', (r) => Math.round(within(config.jpeg.quality)(r))),
    erasing: drawn('erasing', (r) => ({
      seed: r.bits(),
      area: config.erasing.area,
      ratio: config.erasing.ratio,
    })),
  };
}
