import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { faceQuality } from './face-quality.js';
import { paint } from './testing.js';
import type { PixelImage, Point } from './types.js';

const SIDE = 160;
const BOX = { x: 10, y: 20, width: 140, height: 120 };
/** Soft waves, as of light on a face, with fine lines on them. */
const detailed = paint(SIDE, SIDE, (x, y) => {
  const level = 128 + 60 * Math.sin(x / 20) + (((x >> 2) + (y >> 2)) % 2) * 40 - 20;
  return [level, level, level];
});

const landmarks = (nose: Point, turned = 0) => {
  const at = ({ x, y }: Point) => ({
    x: 80 + x * Math.cos(turned) - y * Math.sin(turned),
    y: 70 + x * Math.sin(turned) + y * Math.cos(turned),
  });
  return {
    rightEye: at({ x: -20, y: 0 }),
    leftEye: at({ x: 20, y: 0 }),
    nose: at(nose),
    mouth: at({ x: 0, y: 40 }),
  };
};
const front = landmarks({ x: 0, y: 20 });

async function changed(change: (image: Sharp) => Sharp): Promise<PixelImage> {
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  const { data, info } = await change(sharp(detailed.data, { raw }))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

const sharpness = (image: PixelImage, scale = 1) => {
  const box = { x: scale * BOX.x, y: scale * BOX.y, width: scale * BOX.width, height: scale * BOX.height };
  return faceQuality(image, { box, landmarks: front }).sharpness;
};

describe('the quality of a face', () => {
  it('is the size of its box', () => {
    expect(faceQuality(detailed, { box: BOX, landmarks: front }).size).toBe(120);
  });

  it('is less sharp the more a picture is blurred', async () => {
    const blurred = await Promise.all([1, 2, 4, 8].map((sigma) => changed((image) => image.blur(sigma))));
    const found = [detailed, ...blurred].map((image) => sharpness(image));
    expect(found).toEqual(found.toSorted((a, b) => b - a));
    expect(found.at(-1)).toBeLessThan(found[0]! / 10);
  });

  it('is as sharp in another size and of another contrast', async () => {
    const large = await changed((image) => image.resize(3 * SIDE, 3 * SIDE));
    expect(sharpness(large, 3) / sharpness(detailed)).toBeCloseTo(1, 0);
    const pale = await changed((image) => image.linear(0.5, 40));
    expect(sharpness(pale) / sharpness(detailed)).toBeCloseTo(1, 1);
  });

  it('is 0 of a plain area', async () => {
    expect(sharpness(await changed((image) => image.linear(0, 90)))).toBe(0);
  });

  it.each([0, 0.7, -2])('measures how far a face is turned aside, however it leans (%d radians)', (lean) => {
    const turn = (x: number) =>
      faceQuality(detailed, { box: BOX, landmarks: landmarks({ x, y: 20 }, lean) }).turn;
    expect([turn(0), turn(10), turn(-24)]).toEqual([0, 0.25, 0.6].map((t) => expect.closeTo(t, 9)));
  });
});
