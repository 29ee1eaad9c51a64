/** Damage that libvips reports after the pixels. */
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from './decode.js';
import { needsCheck } from './jpeg-scan.js';
import { noise } from './testing.js';

const { width, height, data } = noise(400, 296, 3);
const whole = await sharp(data, { raw: { width, height, channels: 3 } })
  .blur(1.5)
  .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
  .toBuffer();

/** Without its last bytes of data, but with its end marker. */
const without = (bytes: number) => Buffer.concat([whole.subarray(0, -2 - bytes), whole.subarray(-2)]);

const LOST = [20, 100, 300];

it.each(LOST)('a large JPEG file that lost %i bytes of its last rows is refused', async (lost) => {
  const cut = without(lost);
  expect(needsCheck(cut)).toBe(false);
  // The decoder alone shows it.
  await sharp(cut, { failOn: 'warning' }).raw().toBuffer();
  await expect(decodeImage(cut)).rejects.toThrow('truncated or damaged');
});

it('is refused among whole ones, of which none is', async () => {
  const files = Array.from({ length: 24 }, (_, i) => (i % 3 === 0 ? without(LOST[(i / 3) % 3]!) : whole));
  const results = await Promise.allSettled(files.map((file) => decodeImage(file)));
  expect(results.map(({ status }) => status)).toEqual(
    files.map((file) => (file === whole ? 'fulfilled' : 'rejected')),
  );
});
