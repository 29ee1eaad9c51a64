import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { rgbImage } from './pixels.js';
import { noise } from './testing.js';

describe('pixels of other layouts', () => {
  it('are themselves where they are RGB', () => {
    const image = noise(5, 4);
    expect(rgbImage(image).data).toBe(image.data);
  });

  it.each([
    [1, 'b-w'],
    [2, 'b-w'],
    [4, 'srgb'],
  ] as const)('of %d channels are what sharp makes of them, on white', async (channels, space) => {
    const data = noise(6, 4 * channels).data.subarray(0, 6 * 4 * channels);
    const { data: expected } = await sharp(data, { raw: { width: 6, height: 4, channels } })
      .toColourspace(space)
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const found = rgbImage({ width: 6, height: 4, data });
    expect([found.width, found.height, found.data.length]).toEqual([6, 4, 72]);
    found.data.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1);
    });
  });

  it('may be clamped, as those of a canvas are', () => {
    const data = Uint8ClampedArray.of(10, 20, 30, 255, 10, 20, 30, 0);
    expect([...rgbImage({ width: 2, height: 1, data }).data]).toEqual([10, 20, 30, 255, 255, 255]);
  });

  const data = new Uint8Array(4 * 4 * 3);
  it.each([
    [
      'another number of channels',
      { width: 4, height: 4, data: new Uint8Array(80) },
      /found 80 bytes for 4 × 4/,
    ],
    ['a broken width', { width: 3.2, height: 5, data }, /integer sides/],
    ['no sides', { width: 0, height: 0, data: new Uint8Array() }, /found 0 bytes for 0 × 0/],
    ['channels that contradict their length', { width: 4, height: 4, data, channels: 4 }, /and 4 channels/],
    [
      'numbers that are no bytes',
      { width: 4, height: 4, data: new Float32Array(48) as never },
      /another kind/,
    ],
    ['no data', { width: 4, height: 4, data: undefined as never }, /another kind/],
  ])('are refused with %s', (_, pixels, sentence) => {
    expect(() => rgbImage(pixels)).toThrow(sentence);
  });
});
