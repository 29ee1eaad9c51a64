import sharp, { type TiffOptions } from 'sharp';
import { expect, it } from 'vitest';
import { decodeImage } from './decode.js';
import { noise } from './testing.js';
import { hasWrongData } from './tiff-data.js';

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

it('strips that each claim all codes of a file are not followed for hours', async () => {
  const [strips, length] = [100_000, 2 ** 20];
  // One pixel, then a megabyte of codes of nine bits that begin again: 100000000, eight of them in nine bytes.
  const again = Buffer.from([0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01, 0x00]);
  const codes = Buffer.alloc(length, again);
  codes.writeUInt16BE(0x8000, 0);
  codes.writeUInt8(0x20, 2);
  const table = 8 + length;
  const entries: readonly (readonly [tag: number, type: number, count: number, value: number])[] = [
    [256, 3, 1, 1],
    [257, 3, 1, 1],
    [258, 3, 1, 8],
    [259, 3, 1, 5],
    [262, 3, 1, 1],
    [273, 4, strips, table],
    [277, 3, 1, 1],
    [278, 3, 1, 1],
    [279, 4, strips, table + 4 * strips],
  ];
  const file = Buffer.alloc(table + 8 * strips + 2 + 12 * entries.length + 4);
  file.write('II*\0', 0, 'latin1');
  const directory = table + 8 * strips;
  file.writeUInt32LE(directory, 4);
  codes.copy(file, 8);
  for (let i = 0; i < strips; i++) {
    file.writeUInt32LE(8, table + 4 * i);
    file.writeUInt32LE(length, table + 4 * (strips + i));
  }
  file.writeUInt16LE(entries.length, directory);
  for (const [i, [tag, type, count, value]] of entries.entries()) {
    const at = directory + 2 + 12 * i;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(type, at + 2);
    file.writeUInt32LE(count, at + 4);
    file.writeUInt32LE(value, at + 8);
  }
  expect(await hasWrongData(file)).toBe(false);
});
