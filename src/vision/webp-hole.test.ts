import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from './decode.js';
import { noise } from './testing.js';

const { width, height, data } = noise(203, 151, 3);
const blurred = () => sharp(data, { raw: { width, height, channels: 3 } }).blur(1.5);

it.each([{ quality: 80 }, { lossless: true }])(
  'a WebP file (%o) with a hole in its data is refused',
  async (options) => {
    const bytes = await blurred().webp(options).toBuffer();
    expect((await decodeImage(bytes)).width).toBe(width);
    for (const place of [0.2, 0.5, 0.7]) {
      const from = Math.round(place * bytes.length);
      const damaged = Buffer.from(bytes).fill(0, from, from + 300);
      await expect(decodeImage(damaged)).rejects.toThrow('a WebP file that is truncated or damaged');
    }
  },
);

it.each([
  { quality: 75, effort: 4 },
  { quality: 100, effort: 0 },
  { quality: 100, effort: 1 },
  { lossless: true, effort: 0 },
  { nearLossless: true, quality: 60, effort: 0 },
])('a WebP file (%o) of a large even surface is read', async (options) => {
  const side = options.effort === 4 ? 2400 : 600;
  const bytes = await sharp({ create: { width: side, height: side, channels: 3, background: '#3a7f12' } })
    .composite([{ input: await blurred().png().toBuffer(), left: 10, top: 10 }])
    .webp(options)
    .toBuffer();
  expect(bytes.includes(Buffer.alloc(256))).toBe(true);
  expect((await decodeImage(bytes)).width).toBe(side);
});

it('a hole is found in the first picture of an animation', async () => {
  const frames = await Promise.all([blurred().png().toBuffer(), blurred().negate().png().toBuffer()]);
  const bytes = await sharp(frames, { join: { animated: true } })
    .webp({ quality: 80 })
    .toBuffer();
  expect(bytes.includes('ANMF')).toBe(true);
  expect((await decodeImage(bytes)).width).toBe(width);
  const from = bytes.indexOf('ANMF') + 2000;
  await expect(decodeImage(Buffer.from(bytes).fill(0, from, from + 300))).rejects.toThrow('damaged');
});
