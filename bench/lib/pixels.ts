/** Pictures for benchmarks: decoded, and altered in the ways that a detector should bear. */
import sharp, { type Sharp } from 'sharp';
import type { Box, PixelImage } from '../../src/vision/index.js';

/** Decodes a file to upright RGB. */
export function readPixels(file: string): Promise<PixelImage> {
  return toPixels(sharp(file).autoOrient());
}

/** An altered copy, and where a box of the original lies in it. */
export interface Copy {
  readonly image: PixelImage;
  readonly map: (box: Box) => Box;
}

const DARKNESS = 0.4;
const ROTATION_DEGREES = 15;
const JPEG_QUALITY = 30;

/** The copies by name, each from an upright picture. */
export const COPIES: Readonly<Record<string, (image: PixelImage) => Promise<Copy>>> = {
  flipped: async (image) => ({
    image: await toPixels(open(image).flop()),
    map: (box) => ({ ...box, x: image.width - box.x - box.width }),
  }),
  halved: async (image) => {
    const half = await resize(image, Math.round(image.width / 2), Math.round(image.height / 2));
    const scaleX = half.width / image.width;
    const scaleY = half.height / image.height;
    return {
      image: half,
      map: (box) => ({
        x: box.x * scaleX,
        y: box.y * scaleY,
        width: box.width * scaleX,
        height: box.height * scaleY,
      }),
    };
  },
  darkened: async (image) => ({
    image: await toPixels(open(image).linear(DARKNESS, 0)),
    map: (box) => box,
  }),
  rotated: async (image) => {
    // sharp enlarges the canvas so that no face is cut off; the corners are black.
    const rotated = await toPixels(open(image).rotate(ROTATION_DEGREES));
    return { image: rotated, map: (box) => rotateBox(box, image, rotated, ROTATION_DEGREES) };
  },
  recompressed: async (image) => ({
    image: await toPixels(sharp(await open(image).jpeg({ quality: JPEG_QUALITY }).toBuffer())),
    map: (box) => box,
  }),
};

/**
 * A box after a clockwise rotation about the picture's centre: the centre turns and the size stays, since
 * a detector's boxes are upright whichever way the head leans.
 */
export function rotateBox(
  box: Box,
  from: { width: number; height: number },
  to: { width: number; height: number },
  degrees: number,
): Box {
  const angle = (degrees * Math.PI) / 180;
  const x = box.x + box.width / 2 - from.width / 2;
  const y = box.y + box.height / 2 - from.height / 2;
  const centreX = x * Math.cos(angle) - y * Math.sin(angle) + to.width / 2;
  const centreY = x * Math.sin(angle) + y * Math.cos(angle) + to.height / 2;
  return { ...box, x: centreX - box.width / 2, y: centreY - box.height / 2 };
}

/** The picture at another size, antialiased. The ratio of the sides is not kept unless the sizes keep it. */
export function resize(image: PixelImage, width: number, height: number): Promise<PixelImage> {
  return toPixels(open(image).resize(width, height, { fit: 'fill' }));
}

/** What fills the border of a padded picture. */
export type Border = 'copy' | 'black' | 'grey';

/** The picture with a border on each side: `margin` times its width to the left and right, its height above and below. */
export function pad(image: PixelImage, margin: number, border: Border): Promise<PixelImage> {
  const horizontal = Math.round(image.width * margin);
  const vertical = Math.round(image.height * margin);
  const sides = { left: horizontal, right: horizontal, top: vertical, bottom: vertical };
  if (border === 'copy') return toPixels(open(image).extend({ ...sides, extendWith: 'copy' }));
  return toPixels(open(image).extend({ ...sides, background: border === 'black' ? '#000000' : '#808080' }));
}

/** The picture's pixels as sharp's input. */
export function open({ width, height, data }: PixelImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** The pixels of a picture of three channels. */
export async function toPixels(pipeline: Sharp): Promise<PixelImage> {
  const { data, info } = await pipeline
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}
