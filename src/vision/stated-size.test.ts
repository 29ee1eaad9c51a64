import sharp, { type Sharp } from 'sharp';
import { expect, it } from 'vitest';
import { fileType } from './file-type.js';
import { statedSize } from './stated-size.js';

const picture = () => sharp({ create: { width: 301, height: 47, channels: 3, background: '#36a' } });

it.each<[string, (image: Sharp) => Sharp]>([
  ['a JPEG', (image) => image.jpeg()],
  [
    'a progressive JPEG with EXIF data',
    (image) => image.jpeg({ progressive: true }).withExif({ IFD0: { Artist: 'a' } }),
  ],
  ['a PNG', (image) => image.png()],
  ['a GIF', (image) => image.gif()],
  ['a WebP', (image) => image.webp()],
  ['a lossless WebP', (image) => image.webp({ lossless: true })],
  ['a WebP with metadata', (image) => image.webp().withExif({ IFD0: { Artist: 'a' } })],
  ['an AVIF', (image) => image.avif()],
])('is read from the start of %s, and not if that is cut off', async (_, encode) => {
  const bytes = new Uint8Array(await encode(picture()).toBuffer());
  const { format } = fileType(bytes);
  expect(statedSize(bytes, format)).toEqual({ width: 301, height: 47 });
  for (let length = 0; length < 10; length++)
    expect(statedSize(bytes.subarray(0, length), format)).toBeUndefined();
});
