import sharp, { type GifOptions } from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from './decode.js';
import { noise } from './testing.js';

const { width, height, data } = noise(203, 151, 3);
const gif = (options: GifOptions) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .blur(1.5)
    .gif(options)
    .toBuffer();

it.each<GifOptions>([{}, { colours: 2 }, { colours: 16, dither: 0 }, { progressive: true }])(
  'a GIF file (%o) with a hole in its data is refused',
  async (options) => {
    const bytes = await gif(options);
    expect((await decodeImage(bytes)).width).toBe(width);
    for (const place of [0.3, 0.5, 0.7, 0.9])
      for (const fill of [0, 0x20, 0x41, 0xf6]) {
        const damaged = Buffer.from(bytes);
        const from = Math.round(place * bytes.length);
        damaged.fill(fill, from, from + 64);
        await expect(decodeImage(damaged)).rejects.toThrow('a GIF file that is truncated or damaged');
      }
  },
);

it('a GIF file is read whose first frame has one colour, is smaller than the picture, or has a comment before it', async () => {
  const even = await sharp({ create: { width: 900, height: 700, channels: 3, background: '#808080' } })
    .gif()
    .toBuffer();
  expect((await decodeImage(even)).width).toBe(900);
  const animation = await sharp(
    await Promise.all(
      ['red', 'blue'].map((background) =>
        sharp({ create: { width: 60, height: 40, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    ),
    { join: { animated: true } },
  )
    .gif()
    .toBuffer();
  expect((await decodeImage(animation)).height).toBe(40);
  const screen = Buffer.from(even);
  screen.writeUInt16LE(1000, 6);
  expect((await decodeImage(screen)).width).toBe(1000);
  const table = 13 + ((even[10]! & 0x80) === 0 ? 0 : 3 * 2 ** ((even[10]! & 7) + 1));
  const comment = Buffer.concat([
    even.subarray(0, table),
    Buffer.from('\x21\xfe\x02hi\0', 'latin1'),
    even.subarray(table),
  ]);
  expect((await decodeImage(comment)).width).toBe(900);
});
