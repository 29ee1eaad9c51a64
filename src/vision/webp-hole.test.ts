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

it('a WebP file of a large even surface is read', async () => {
  const side = 2400;
  const bytes = await sharp({ create: { width: side, height: side, channels: 3, background: '#000' } })
    .composite([{ input: await blurred().png().toBuffer(), left: 10, top: 10 }])
    .webp({ quality: 75 })
    .toBuffer();
  expect(bytes.includes(Buffer.alloc(300))).toBe(true);
  expect((await decodeImage(bytes)).width).toBe(side);
});
