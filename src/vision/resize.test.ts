import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { resizeImage, resizeToTensor } from './resize.js';
import { noise, paint, worstDifference } from './testing.js';
import type { PixelImage } from './types.js';

/** The definition of the triangle filter, in doubles, one output at a time. */
function reference(image: PixelImage, width: number, height: number): Float64Array {
  const out = new Float64Array(width * height * 3);
  const axis = (i: number, from: number, to: number) => {
    const radius = Math.max(1, from / to);
    const center = ((i + 0.5) * from) / to - 0.5;
    const taps: [number, number][] = [];
    for (let j = Math.floor(center - radius); j <= Math.ceil(center + radius); j++) {
      const weight = Math.max(0, 1 - Math.abs(j - center) / radius);
      if (weight > 0) taps.push([Math.min(Math.max(j, 0), from - 1), weight]);
    }
    const sum = taps.reduce((s, [, w]) => s + w, 0);
    return taps.map(([j, w]): [number, number] => [j, w / sum]);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (const [j, wy] of axis(y, image.height, height)) {
        for (const [i, wx] of axis(x, image.width, width)) {
          for (let c = 0; c < 3; c++) {
            out[(y * width + x) * 3 + c]! += wy * wx * image.data[(j * image.width + i) * 3 + c]!;
          }
        }
      }
    }
  }
  return out;
}

// Keeps TensorFlow.js from advertising its native backend.
tf.enableProdMode();

describe('resizeImage', () => {
  it.each([
    [40, 30, 80, 60],
    [40, 30, 57, 31],
    [40, 30, 39, 29],
    [64, 48, 32, 24],
    [61, 47, 32, 26],
    [90, 70, 13, 9],
    [50, 50, 7, 80],
    [3, 2, 1, 1],
    [1, 1, 5, 4],
    [200, 3, 3, 3],
  ])(
    'of %i×%i to %i×%i is the triangle filter: within a level of noise, exact for what is smooth',
    (w, h, width, height) => {
      const image = noise(w, h);
      const resized = resizeImage(image, width, height);
      expect([resized.width, resized.height]).toEqual([width, height]);
      expect(worstDifference(resized.data, reference(image, width, height))).toBeLessThanOrEqual(1);
      const smooth = paint(w, h, (x, y) => [
        127 + 90 * Math.sin(x / 9),
        127 + 90 * Math.cos(y / 8),
        60 + x + y / 2,
      ]);
      // Half a level is the rounding to bytes.
      const worst = worstDifference(
        resizeImage(smooth, width, height).data,
        reference(smooth, width, height),
      );
      expect(worst).toBeLessThan(0.6);
    },
  );

  it('of the same size is the same picture', () => {
    const image = noise(33, 21);
    expect(resizeImage(image, 33, 21).data).toEqual(image.data);
  });

  it('leaves a flat picture flat at any size', () => {
    for (const value of [0, 1, 127, 254, 255]) {
      for (const size of [5, 37, 160]) {
        expect(
          new Set(
            resizeImage(
              paint(37, 41, () => value),
              size,
              size,
            ).data,
          ),
        ).toEqual(new Set([value]));
      }
    }
  });

  it('turns a checkerboard into grey when it shrinks it by 8', () => {
    const board = paint(128, 128, (x, y) => ((Math.floor(x) + Math.floor(y)) % 2) * 255);
    const { data } = resizeImage(board, 16, 16);
    // At the border the repeated edge tips the balance.
    for (let y = 1; y < 15; y++) {
      for (let x = 1; x < 15; x++) expect(Math.abs(data[(y * 16 + x) * 3]! - 127.5)).toBeLessThan(1);
    }
  });

  it('agrees with TensorFlow.js where it grows, within a grey level', async () => {
    const image = noise(60, 40);
    const theirs = tf.image.resizeBilinear(
      tf.tensor3d(image.data, [40, 60, 3], 'int32'),
      [90, 150],
      false,
      true,
    );
    expect(worstDifference(resizeImage(image, 150, 90).data, await theirs.data())).toBeLessThanOrEqual(1);
  });

  it('agrees with sharp where it shrinks, within two grey levels', async () => {
    const image = paint(200, 150, (x, y) => [
      127 + 120 * Math.sin(x / 4),
      127 + 120 * Math.cos(y / 5),
      (x + y) / 1.5,
    ]);
    const theirs = await sharp(image.data, { raw: { width: 200, height: 150, channels: 3 } })
      .resize(120, 90, { fit: 'fill', kernel: 'linear' })
      .raw()
      .toBuffer();
    expect(worstDifference(resizeImage(image, 120, 90).data, theirs)).toBeLessThanOrEqual(2);
  });
});

describe('resizeToTensor', () => {
  const image = paint(37, 29, (x, y) => [
    127 + 90 * Math.sin(x / 9),
    127 + 90 * Math.cos(y / 8),
    60 + x + y / 2,
  ]);
  const exact = reference(image, 20, 16);
  const format = { mean: [127.5, 100, 90], scale: [1 / 127.5, 0.01, 2] } as const;

  it.each([
    ['RGB', 'NCHW'],
    ['BGR', 'NCHW'],
    ['RGB', 'NHWC'],
    ['BGR', 'NHWC'],
  ] as const)('writes %s as %s, normalised, and nothing beside it', (color, layout) => {
    const out = new Float32Array(2 + 3 * 20 * 16 + 2).fill(77);
    resizeToTensor(image, 20, 16, { ...format, color, layout }, out, 2);
    expect([...out.subarray(0, 2), ...out.subarray(-2)]).toEqual([77, 77, 77, 77]);
    const expected = new Float64Array(3 * 20 * 16);
    const actual = new Float64Array(expected.length);
    for (let p = 0; p < 20 * 16; p++) {
      for (let c = 0; c < 3; c++) {
        const value = exact[p * 3 + (color === 'RGB' ? c : 2 - c)]!;
        const at = layout === 'NCHW' ? c * 320 + p : p * 3 + c;
        expected[at] = value;
        actual[at] = out[2 + at]! / format.scale[c]! + format.mean[c]!;
      }
    }
    expect(worstDifference(actual, expected)).toBeLessThan(0.1);
  });
});
