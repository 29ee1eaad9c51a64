import sharp, { type TiffOptions } from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from './decode.js';
import { noise } from './testing.js';

const { width, height, data } = noise(203, 151, 3);
const tiff = (options: TiffOptions) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .blur(1.5)
    .tiff(options)
    .toBuffer();

it.each<TiffOptions>([
  { compression: 'deflate' },
  { compression: 'deflate', predictor: 'none' },
  { compression: 'deflate', tile: true, tileWidth: 64, tileHeight: 64 },
  { compression: 'deflate', bigtiff: true },
  { compression: 'lzw' },
  { compression: 'lzw', predictor: 'none' },
  { compression: 'lzw', tile: true, tileWidth: 64, tileHeight: 64 },
  { compression: 'lzw', bigtiff: true },
])('a TIFF file (%o) whose compressed data are damaged is refused', async (options) => {
  const bytes = await tiff(options);
  expect((await decodeImage(bytes)).width).toBe(width);
  for (const place of [0.2, 0.4, 0.6, 0.8])
    for (const fill of [0, 0xff, 0x20]) {
      const damaged = Buffer.from(bytes);
      const from = Math.round(place * bytes.length);
      damaged.fill(fill, from, from + 64);
      await expect(decodeImage(damaged)).rejects.toThrow('a TIFF file that is truncated or damaged');
    }
});
