/** Brightness, contrast, saturation and tint in one pass over the pixels. */
import type { PixelImage } from '../../../vision/index.js';

/** Factors; 1 changes nothing. */
export interface ColourChange {
  readonly brightness: number;
  readonly contrast: number;
  readonly saturation: number;
  /** Factors of red, green and blue. */
  readonly tint: readonly [number, number, number];
  readonly fade: Fade;
}

/** A fade to a uniform tone (red, green, blue in 0..255), by a share of 0..1. */
export interface Fade {
  readonly share: number;
  readonly tone: readonly [number, number, number];
}

export const NO_FADE: Fade = { share: 0, tone: [0, 0, 0] };

/** Changes nothing. */
export const PLAIN_COLOUR: ColourChange = {
  brightness: 1,
  contrast: 1,
  saturation: 1,
  tint: [1, 1, 1],
  fade: NO_FADE,
};

/** Weights of red, green and blue in grey (ITU-R BT.601, as in Pillow and torchvision). */
const GREY = [0.299, 0.587, 0.114] as const;

/**
 * Changes the picture in place. In order: tint and brightness multiply, contrast moves values from or towards the
 * picture's mean grey at that point, saturation moves each pixel from or towards its own grey, and then the fade is
 * applied. These are the blends of Pillow's ImageEnhance; since all are affine, they are combined into one matrix, and
 * values are rounded and clamped once at the end.
 */
export function changeColour({ data }: PixelImage, change: ColourChange): void {
  const { brightness, contrast, saturation, fade } = change;
  const kept = 1 - fade.share;
  const [tintRed, tintGreen, tintBlue] = change.tint;
  const gains = [tintRed * brightness, tintGreen * brightness, tintBlue * brightness] as const;
  const grey = contrast === 1 ? 0 : (1 - contrast) * meanGrey(data, gains);
  const [offsetRed, offsetGreen, offsetBlue] = fade.tone.map((t) => kept * grey + fade.share * t) as [
    number,
    number,
    number,
  ];
  // Row r, column c: saturation · [r = c] + (1 − saturation) · grey weight of c, times contrast and the gain of c.
  // Contrast adds grey, which saturation does not change.
  const entry = (row: number, column: number) =>
    ((row === column ? saturation : 0) + (1 - saturation) * GREY[column]!) * contrast * gains[column]! * kept;
  const [rr, rg, rb] = [entry(0, 0), entry(0, 1), entry(0, 2)];
  const [gr, gg, gb] = [entry(1, 0), entry(1, 1), entry(1, 2)];
  const [br, bg, bb] = [entry(2, 0), entry(2, 1), entry(2, 2)];
  // Storing rounds and clamps.
  const out = new Uint8ClampedArray(data.buffer, data.byteOffset, data.length);
  for (let i = 0; i < data.length; i += 3) {
    const [red, green, blue] = [data[i]!, data[i + 1]!, data[i + 2]!];
    out[i] = rr * red + rg * green + rb * blue + offsetRed;
    out[i + 1] = gr * red + gg * green + gb * blue + offsetGreen;
    out[i + 2] = br * red + bg * green + bb * blue + offsetBlue;
  }
}

function meanGrey(data: Uint8Array, gains: readonly [number, number, number]): number {
  let [red, green, blue] = [0, 0, 0];
  for (let i = 0; i < data.length; i += 3) {
    red += data[i]!;
    green += data[i + 1]!;
    blue += data[i + 2]!;
  }
  const sum = GREY[0] * gains[0] * red + GREY[1] * gains[1] * green + GREY[2] * gains[2] * blue;
  return (3 * sum) / data.length;
}
