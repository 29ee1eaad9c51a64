import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, plainJpegSize } from '../../vision/node.js';
import { paint } from '../../vision/testing.js';
import { decodePicture } from './decode.js';

/** Smooth colours, so that halved colour resolution matters. */
const PICTURE = paint(53, 41, (x, y) => [
  127 + 120 * Math.sin(x / 5),
  6 * y,
  127 + 120 * Math.cos((x + y) / 7),
]);
const raw = () => sharp(PICTURE.data, { raw: { width: PICTURE.width, height: PICTURE.height, channels: 3 } });

const FILES = {
  baseline: () => raw().jpeg({ quality: 90 }),
  progressive: () => raw().jpeg({ progressive: true }),
  'of full colour resolution': () => raw().jpeg({ chromaSubsampling: '4:4:4' }),
  'of low quality': () => raw().jpeg({ quality: 5 }),
  grey: () => raw().toColourspace('b-w').jpeg(),
  turned: () => raw().withMetadata({ orientation: 6 }).jpeg(),
  'with a colour profile': () => raw().withIccProfile('p3').jpeg(),
  CMYK: () => raw().toColourspace('cmyk').jpeg(),
  PNG: () => raw().png(),
} as const;

/** Those that the fast decoder takes. */
const PLAIN = ['baseline', 'progressive', 'of full colour resolution', 'of low quality'];

describe('decodePicture', () => {
  it.each(Object.keys(FILES) as (keyof typeof FILES)[])(
    'gives the pixels of decodeImage: %s',
    async (name) => {
      const bytes = await FILES[name]().toBuffer();
      expect(plainJpegSize(bytes)).toEqual(PLAIN.includes(name) ? { width: 53, height: 41 } : undefined);
      const { width, height, data } = await decodePicture(bytes, name);
      const expected = await decodeImage(bytes);
      expect([width, height]).toEqual([expected.width, expected.height]);
      expect(Buffer.compare(Buffer.from(data), Buffer.from(expected.data))).toBe(0);
    },
  );

  it.each([0.3, 0.7, 0.95])('refuses a file that ends after %d of its bytes', async (share) => {
    const bytes = await FILES.baseline().toBuffer();
    await expect(decodePicture(bytes.subarray(0, bytes.length * share), 'row 7')).rejects.toThrow(
      'row 7: expected a complete JPEG image, found a JPEG file that is truncated or damaged',
    );
  });

  it('continues after a damaged file', async () => {
    const bytes = await FILES.baseline().toBuffer();
    await decodePicture(bytes.subarray(0, 900), 'damaged').catch(() => {});
    const { data } = await decodePicture(bytes, 'whole');
    expect(Buffer.compare(Buffer.from(data), Buffer.from((await decodeImage(bytes)).data))).toBe(0);
  });
});
