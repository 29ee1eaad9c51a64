import { describe, expect, it } from 'vitest';
import { type CropRegion, cropTransform } from './crop.js';
import { noise, paint, pixel, worstDifference } from './testing.js';
import type { PixelImage } from './types.js';
import { warpImage } from './warp.js';

const crop = (image: PixelImage, region: CropRegion, size: number, height = size): PixelImage =>
  warpImage(image, cropTransform(region, size, height), size, height);

describe('warpImage', () => {
  it('copies bit for bit where pixels fall on pixels', () => {
    const image = noise(30, 20);
    const part = warpImage(image, { x: 7, y: 3, ax: 1, ay: 0, bx: 0, by: 1 }, 10, 12);
    for (let y = 0; y < 12; y++) {
      for (let x = 0; x < 10; x++) expect(pixel(part, x, y)).toEqual(pixel(image, x + 7, y + 3));
    }
  });

  it('mirrors bit for bit', () => {
    const image = noise(11, 5);
    const mirrored = warpImage(image, { x: 11, y: 0, ax: -1, ay: 0, bx: 0, by: 1 }, 11, 5);
    for (let x = 0; x < 11; x++) expect(pixel(mirrored, x, 2)).toEqual(pixel(image, 10 - x, 2));
  });

  it.each([
    [Math.PI / 2, (x: number, y: number) => [15 - y, x]],
    [Math.PI, (x: number, y: number) => [15 - x, 15 - y]],
    [-Math.PI / 2, (x: number, y: number) => [y, 15 - x]],
  ])('turns by %f bit for bit', (angle, source) => {
    const image = noise(16, 16);
    const turned = crop(image, { center: { x: 8, y: 8 }, width: 16, height: 16, angle }, 16);
    for (let y = 0; y < 16; y++) {
      for (let x = 0; x < 16; x++) {
        const [column, row] = source(x, y);
        expect(pixel(turned, x, y)).toEqual(pixel(image, column!, row!));
      }
    }
  });

  // A linear filter of any width returns a linear ramp unchanged, so the answer is known at every scale and angle.
  it.each([
    [0, 60],
    [0, 150],
    [0, 333],
    [0.3, 60],
    [0.3, 150],
    [-0.8, 200],
    [2.5, 330],
  ])('keeps a ramp exact, turned by %f, from %i pixels to 100', (angle, size) => {
    const ramp = paint(600, 600, (x, y) => [x * 0.4, y * 0.4, (x + y) * 0.2]);
    const region = { center: { x: 290.3, y: 310.8 }, width: size, height: size * 0.8, angle };
    const result = crop(ramp, region, 100);
    const map = cropTransform(region, 100, 100);
    let worst = 0;
    for (let v = 0; v < 100; v++) {
      for (let u = 0; u < 100; u++) {
        const x = map.x + map.ax * (u + 0.5) + map.bx * (v + 0.5);
        const y = map.y + map.ay * (u + 0.5) + map.by * (v + 0.5);
        const [red, green, blue] = pixel(result, u, v);
        worst = Math.max(
          worst,
          Math.abs(red! - 0.4 * x),
          Math.abs(green! - 0.4 * y),
          Math.abs(blue! - 0.2 * (x + y)),
        );
      }
    }
    // Half a level for the result's rounding, one for the two roundings before it (the ramp's, the reduction's).
    expect(worst).toBeLessThanOrEqual(angle === 0 ? 1 : 1.5);
  });

  it.each([0, 0.4])('repeats the edge beyond the picture, turned by %f', (angle) => {
    const image = paint(40, 40, (x) => (x < 20 ? 50 : 200));
    const beyond = crop(image, { center: { x: -100, y: -100 }, width: 90, height: 90, angle }, 30);
    expect(new Set(beyond.data)).toEqual(new Set([50]));
    const right = crop(image, { center: { x: 150, y: 20 }, width: 60, height: 60, angle }, 90);
    expect(new Set(right.data)).toEqual(new Set([200]));
    const around = crop(image, { center: { x: 20, y: 20 }, width: 4000, height: 4000, angle: 0 }, 40);
    expect([pixel(around, 0, 0)[0], pixel(around, 39, 39)[0]]).toEqual([50, 200]);
  });

  it('needs no memory for what lies far beyond the picture', () => {
    const image = noise(8, 8);
    const far = crop(image, { center: { x: 1e6, y: -1e6 }, width: 5e5, height: 5e5, angle: 0.5 }, 16);
    expect(new Set(far.data)).toEqual(new Set(pixel(image, 7, 0)));
  });

  it.each([0.1, Math.PI / 4, 1.2])(
    'turns a checkerboard into grey when it shrinks it by 8, turned by %f',
    (angle) => {
      const board = paint(256, 256, (x, y) => ((Math.floor(x) + Math.floor(y)) % 2) * 255);
      const { data } = crop(board, { center: { x: 128, y: 128 }, width: 160, height: 160, angle }, 20);
      expect(worstDifference(data, new Uint8Array(data.length).fill(128))).toBeLessThanOrEqual(3);
    },
  );

  it('is as sharp turned as straight', () => {
    // What a filter of variance σ² leaves of a wave is exp(−k²σ²/2) whatever its shape, and a turn has no part in it.
    const contrast = (angle: number, scale: number) => {
      const wave = (x: number, y: number) =>
        127.5 + 120 * Math.sin(((x - 300) * Math.cos(angle) + (y - 300) * Math.sin(angle)) / scale);
      const { data } = crop(
        paint(600, 600, wave),
        { center: { x: 300, y: 300 }, width: 60 * scale, height: 60 * scale, angle },
        60,
      );
      const mean = data.reduce((sum, v) => sum + v, 0) / data.length;
      return Math.sqrt(data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length);
    };
    for (const scale of [2, 3, 5]) {
      expect(Math.abs(contrast(0.5, scale) / contrast(0, scale) - 1)).toBeLessThan(0.02);
    }
  });
});
