import { expect, it } from 'vitest';
import { decodeImage } from './decode.js';

const SIDE = 16;

/** An uncompressed TIFF of one strip with these channels of a pixel, and further tags of one value for each channel. */
function tiff(
  pixel: readonly number[],
  { bits = 8, colours = 2, format = 1, extra = [] as readonly number[] } = {},
): Uint8Array {
  const channels = pixel.length;
  const data = Buffer.alloc(
    Math.ceil((SIDE * SIDE * channels * bits) / 8),
    bits === 8 ? Buffer.from(pixel) : 0,
  );
  const entries: (readonly [tag: number, type: 3 | 4, values: readonly number[]])[] = [
    [256, 3, [SIDE]],
    [257, 3, [SIDE]],
    [258, 3, pixel.map(() => bits)],
    [259, 3, [1]],
    [262, 3, [colours]],
    [273, 4, [8]],
    [277, 3, [channels]],
    [278, 3, [SIDE]],
    [279, 4, [data.length]],
    ...(extra.length > 0 ? ([[338, 3, extra]] as const) : []),
    [339, 3, pixel.map(() => format)],
  ];
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  head.writeUInt32LE(8 + data.length, 4);
  const page = Buffer.alloc(6 + 12 * entries.length);
  page.writeUInt16LE(entries.length);
  const further: Buffer[] = [];
  let end = 8 + data.length + page.length;
  for (const [i, [tag, type, values]] of entries.entries()) {
    const at = 2 + 12 * i;
    const bytes = Buffer.alloc(Math.max(4, values.length * 2));
    for (const [k, value] of values.entries())
      if (type === 3) bytes.writeUInt16LE(value, 2 * k);
      else bytes.writeUInt32LE(value, 4 * k);
    page.writeUInt16LE(tag, at);
    page.writeUInt16LE(type, at + 2);
    page.writeUInt32LE(values.length, at + 4);
    if (bytes.length === 4) bytes.copy(page, at + 8);
    else {
      page.writeUInt32LE(end, at + 8);
      further.push(bytes);
      end += bytes.length;
    }
  }
  return Buffer.concat([head, data, page, ...further]);
}

const bits = 'expected an image with 8 or 16 bits per sample';
it.each([
  [
    'six channels',
    tiff([1, 2, 3, 4, 5, 6], { extra: [0, 0, 0] }),
    'at most 4 channels, found a TIFF of 6 channels',
  ],
  ['float64', tiff([1, 2, 3], { bits: 64, format: 3 }), `${bits}, found a TIFF of floating-point samples`],
  ['float32', tiff([1, 2, 3], { bits: 32, format: 3 }), `${bits}, found a TIFF of floating-point samples`],
  ['12 bits', tiff([1], { bits: 12, colours: 1 }), `${bits}, found a TIFF of 12 bits per sample`],
  ['4 bits of colours', tiff([1, 2, 3], { bits: 4 }), `${bits}, found a TIFF of 4 bits per sample`],
  ['a mask', tiff([1], { colours: 4 }), 'found a TIFF of a transparency mask'],
  ['CIELab', tiff([1, 2, 3], { colours: 9 }), 'found a TIFF of CIELab colours'],
  ['LogLuv', tiff([1, 2, 3], { colours: 32_845 }), 'found a TIFF of LogLuv colours'],
])('a TIFF of %s is refused by what it is', async (_, bytes, message) => {
  await expect(decodeImage(bytes)).rejects.toThrow(message);
});

it.each([
  ['that its tags call unspecified', [0]],
  ['that its tags do not mention', []],
])('a channel %s is no transparency', async (_, extra) => {
  const { data } = await decodeImage(tiff([200, 100, 50, 0], { extra }));
  expect([...data.subarray(0, 3)]).toEqual([200, 100, 50]);
});

it('a TIFF of a form that is read but cut off is damaged', async () => {
  const bytes = tiff([1], { bits: 4, colours: 1 });
  expect((await decodeImage(bytes)).width).toBe(SIDE);
  await expect(decodeImage(bytes.subarray(0, bytes.length - 40))).rejects.toThrow('truncated or damaged');
});
