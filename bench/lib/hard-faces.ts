/** Faces made hard to see, as poor photographs show them. */
import sharp, { type Sharp } from 'sharp';
import type { PixelImage } from '../../src/vision/index.js';
import { toPixels } from './pixels.js';

/** The largest width at which a picture is put before another, in pixels. */
const SMALL = 110;

/**
 * The picture with some changes, at random: turned, small, on a plain ground or before another picture, blurred, grey, tinted, of low
 * contrast, grainy, partly covered, compressed.
 */
export async function hardToSee(picture: Sharp, behind: Sharp, random: () => number): Promise<PixelImage> {
  const between = (low: number, high: number) => low + random() * (high - low);
  const whole = (low: number, high: number) => Math.round(between(low, high));
  let image = await toPixels(picture);
  const changes: readonly (readonly [
    probability: number,
    change: (picture: Sharp) => Sharp | Promise<Sharp>,
  ])[] = [
    [0.25, (p) => p.rotate(between(-35, 35), { background: '#808080' })],
    [0.35, (p) => p.resize(Math.max(28, Math.round(image.width * between(0.1, 0.4))))],
    [
      0.1,
      (p) =>
        p.extend({ left: 60, right: 60, top: 60, bottom: 60, background: `hsl(${whole(0, 359)}, 20%, 50%)` }),
    ],
    [
      0.6,
      async (p) => {
        if (image.width > SMALL) return p;
        const [width, height] = [2 * image.width + 40, 2 * image.height + 40];
        return behind
          .resize(width, height, { fit: 'cover' })
          .composite([{ input: await p.png().toBuffer() }]);
      },
    ],
    [0.35, (p) => p.blur(0.3 + (between(0.6, 5) * image.width) / 256)],
    [0.25, (p) => p.modulate({ saturation: 0 })],
    [0.05, (p) => p.tint({ r: whole(60, 255), g: whole(60, 255), b: whole(60, 255) })],
    [
      0.35,
      (p) => {
        const kept = between(0.15, 0.7);
        return p.linear(kept, between(0, 255 * (1 - kept)));
      },
    ],
    [
      0.2,
      (p) =>
        p.composite([
          {
            input: grain(image, between(5, 40), random),
            raw: { width: image.width, height: image.height, channels: 3 },
            blend: 'overlay',
          },
        ]),
    ],
    [
      0.08,
      (p) => {
        const side = Math.floor(image.width * between(0.12, 0.3));
        const input = { create: { width: side, height: side, channels: 3 as const, background: '#555' } };
        return p.composite([
          {
            input,
            left: whole(0.1 * image.width, 0.5 * image.width),
            top: whole(0.2 * image.height, 0.6 * image.height),
          },
        ]);
      },
    ],
    [0.3, async (p) => sharp(await p.jpeg({ quality: whole(8, 40) }).toBuffer())],
  ];
  for (const [probability, change] of changes) {
    if (random() >= probability) continue;
    const { width, height, data } = image;
    image = await toPixels(await change(sharp(data, { raw: { width, height, channels: 3 } })));
  }
  return image;
}

/** Noise about a middle grey. */
function grain({ data }: PixelImage, strength: number, random: () => number): Buffer {
  return Buffer.from(data.map(() => 128 + 2 * strength * (random() + random() - 1)));
}
