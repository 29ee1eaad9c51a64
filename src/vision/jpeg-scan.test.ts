import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './decode.js';
import { isSuspicious, scansAreWhole } from './jpeg-scan.js';
import { noise } from './testing.js';

const { width, height, data } = noise(203, 151, 3);
const picture = (options: JpegOptions = {}) =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .blur(1.5)
    .jpeg(options)
    .toBuffer();

/** A picture of one colour, whose codes are nearly all zeros. */
const flat = (options: JpegOptions = {}) =>
  sharp({ create: { width: 900, height: 700, channels: 3, background: '#808080' } })
    .jpeg(options)
    .toBuffer();

const KINDS: readonly (readonly [string, () => Promise<Buffer>])[] = [
  ['usual', () => picture()],
  ['of full chroma', () => picture({ chromaSubsampling: '4:4:4', quality: 95 })],
  ['of optimized codes', () => picture({ optimiseCoding: true, quality: 40 })],
  [
    'grey',
    async () =>
      sharp(await picture())
        .greyscale()
        .jpeg()
        .toBuffer(),
  ],
  [
    'of four inks',
    async () =>
      sharp(await picture())
        .toColourspace('cmyk')
        .jpeg()
        .toBuffer(),
  ],
  ['of one colour', () => flat({ optimiseCoding: true })],
];

describe('the scans of a JPEG file', () => {
  it.each(KINDS)('that is %s are whole, and not without their end', async (_, make) => {
    const bytes = await make();
    expect(scansAreWhole(bytes)).toBe(true);
    for (const lost of [1, 3, 40]) {
      const cut = Buffer.concat([bytes.subarray(0, -2 - lost), bytes.subarray(-2)]);
      if (lost > 1) expect(scansAreWhole(cut), `${lost} bytes less`).toBe(false);
    }
    await expect(decodeImage(bytes)).resolves.toBeDefined();
  });

  it('cannot be told of progressive files, which the decoder checks itself', async () => {
    expect(scansAreWhole(await picture({ progressive: true }))).toBeUndefined();
  });

  it('are looked at where there are many zeros, of which some are as they should be', async () => {
    const bytes = await flat({ optimiseCoding: true });
    expect(isSuspicious(bytes)).toBe(true);
    expect((await decodeImage(bytes)).width).toBe(900);
    expect(isSuspicious(await picture())).toBe(false);
  });

  it.each(
    [0.2, 0.4, 0.6, 0.8, 0.95].flatMap((place) => [64, 500, 3000].map((size) => [place, size] as const)),
  )('with a hole at %f of %i bytes are refused', async (place, size) => {
    for (const make of [
      picture,
      () => picture({ quality: 30 }),
      () => picture({ chromaSubsampling: '4:4:4' }),
    ]) {
      const bytes = Buffer.from(await make());
      const from = Math.round(place * bytes.length);
      bytes.fill(0, from, Math.min(from + size, bytes.length - 2));
      await expect(decodeImage(bytes)).rejects.toThrow('JPEG file that is truncated or damaged');
    }
  });

  it.each([0.3, 0.9, 0.99])(
    'that end after %f of the file are refused, with an end marker or without',
    async (share) => {
      const bytes = await picture();
      const part = bytes.subarray(0, share * bytes.length);
      await expect(decodeImage(part)).rejects.toThrow('truncated or damaged');
      const zeros = Buffer.concat([part, Buffer.alloc(bytes.length - part.length)]);
      await expect(decodeImage(zeros)).rejects.toThrow('truncated or damaged');
    },
  );

  it('whose carriage returns were lost are refused', async () => {
    const large = await sharp(await picture({ quality: 100 }))
      .resize(800)
      .jpeg({ quality: 95 })
      .toBuffer();
    for (const [from, to] of [
      ['\r', ''],
      ['\r', '\n'],
    ] as const) {
      const text = large.toString('latin1').replaceAll(from, to);
      const head = large.indexOf(Buffer.of(0xff, 0xda)) + 14;
      const mangled = Buffer.concat([
        large.subarray(0, head),
        Buffer.from(large.subarray(head).toString('latin1').replaceAll(from, to), 'latin1'),
      ]);
      expect(text.length).toBeGreaterThan(8192);
      await expect(decodeImage(mangled)).rejects.toThrow('truncated or damaged');
    }
  });
});

it('a WebP file with a hole in its data is refused', async () => {
  const bytes = await sharp(data, { raw: { width, height, channels: 3 } })
    .webp({ quality: 90 })
    .toBuffer();
  expect((await decodeImage(bytes)).width).toBe(width);
  bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 512);
  await expect(decodeImage(bytes)).rejects.toThrow('a WebP file that is truncated or damaged');
});
