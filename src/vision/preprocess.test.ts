import { describe, expect, it } from 'vitest';
import type { InputSpec } from '../metadata/index.js';
import { testInput } from '../metadata/testing.js';
import { cropImage, inputSize, preprocess } from './preprocess.js';
import { noise, paint, pixel, worstDifference } from './testing.js';

const spec = testInput({ width: 24, height: 24 });

describe('preprocess', () => {
  it('writes BGR minus the mean into planes, at the face’s place in the batch', () => {
    const image = noise(24, 24);
    const vgg: InputSpec = { ...spec, color: 'BGR', mean: [103.939, 116.779, 123.68] };
    const batch = new Float32Array(3 * inputSize(vgg)).fill(-999);
    preprocess(image, null, vgg, batch, inputSize(vgg));
    expect(batch.filter((v) => v === -999).length).toBe(2 * inputSize(vgg));
    for (const [x, y] of [
      [0, 0],
      [23, 0],
      [5, 17],
    ] as const) {
      const [red, green, blue] = pixel(image, x, y);
      const plane = (channel: number) => batch[inputSize(vgg) + channel * 576 + y * 24 + x];
      expect(plane(0)).toBeCloseTo(blue! - 103.939, 3);
      expect(plane(1)).toBeCloseTo(green! - 116.779, 3);
      expect(plane(2)).toBeCloseTo(red! - 123.68, 3);
    }
  });

  it.each(['NCHW', 'NHWC'] as const)('holds in %s what the crop shows', (layout) => {
    const image = noise(90, 70);
    const region = {
      box: { x: 20, y: 15, width: 40, height: 50 },
      landmarks: { rightEye: { x: 30, y: 30 }, leftEye: { x: 50, y: 36 } },
    };
    const turned: InputSpec = { ...spec, layout, margin: 0.2, alignment: 'roll', width: 20 };
    const out = new Float32Array(inputSize(turned));
    preprocess(image, region, turned, out);
    const crop = cropImage(image, region, turned);
    expect([crop.width, crop.height]).toEqual([20, 24]);
    const interleaved = out.map((_, i) =>
      layout === 'NHWC' ? out[i]! : out[(i % 3) * 480 + Math.floor(i / 3)]!,
    );
    expect(worstDifference(interleaved, crop.data)).toBeLessThanOrEqual(0.5);
  });

  it('repeats the edge where the margin leaves the picture', () => {
    const image = paint(20, 20, (x) => (x < 10 ? 10 : 240));
    const crop = cropImage(
      image,
      { box: { x: 0, y: 0, width: 20, height: 20 } },
      { ...spec, margin: 1, width: 60, height: 60 },
    );
    expect([pixel(crop, 0, 0)[0], pixel(crop, 20, 20)[0], pixel(crop, 59, 59)[0]]).toEqual([10, 10, 240]);
  });

  it('adds no margin to a picture that is the face', () => {
    const image = noise(24, 24);
    expect(cropImage(image, null, { ...spec, margin: 0.4 }).data).toEqual(image.data);
  });

  it.each([-35, -10, 20, 70])('levels the eyes of a head that leans by %i°', (degrees) => {
    const angle = (degrees * Math.PI) / 180;
    const center = { x: 150, y: 140 };
    const eye = (side: number) => ({
      x: center.x + side * 30 * Math.cos(angle) + 15 * Math.sin(angle),
      y: center.y + side * 30 * Math.sin(angle) - 15 * Math.cos(angle),
    });
    const landmarks = { rightEye: eye(-1), leftEye: eye(1) };
    const blob = (x: number, y: number, at: { x: number; y: number }) =>
      255 * Math.exp(-((x - at.x) ** 2 + (y - at.y) ** 2) / 40);
    const image = paint(300, 280, (x, y) => [
      blob(x, y, landmarks.rightEye),
      blob(x, y, landmarks.leftEye),
      0,
    ]);
    const box = { x: center.x - 60, y: center.y - 60, width: 120, height: 120 };
    const crop = cropImage(image, { box, landmarks }, { ...spec, alignment: 'roll', width: 96, height: 96 });
    const centroid = (channel: number) => {
      let [sum, sumX, sumY] = [0, 0, 0];
      for (let y = 0; y < 96; y++) {
        for (let x = 0; x < 96; x++) {
          const value = pixel(crop, x, y)[channel]!;
          sum += value;
          sumX += value * (x + 0.5);
          sumY += value * (y + 0.5);
        }
      }
      return { x: sumX / sum, y: sumY / sum };
    };
    // Eyes at ±30, 15 above the centre of a box of 120: ±24 and 12 of 96.
    const [right, left] = [centroid(0), centroid(1)];
    expect(right.x).toBeCloseTo(24, 0);
    expect(left.x).toBeCloseTo(72, 0);
    expect(right.y).toBeCloseTo(36, 0);
    expect(Math.abs(right.y - left.y)).toBeLessThan(0.1);
  });

  it('refuses a batch without room', () => {
    const out = new Float32Array(inputSize(spec));
    expect(() => preprocess(noise(4, 4), null, spec, out, 1)).toThrow(
      'out: expected room for numbers 1 to 1729, found a length of 1728',
    );
  });
});
