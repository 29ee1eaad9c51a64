import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage, imageHeader } from './decode.js';
import { isMangledText, repairJpeg } from './jpeg-repair.js';
import { noise } from './testing.js';
import { withInksInverted } from './unmarked-inks.js';

const { width, height, data } = noise(64, 48, 3);
const picture = () => sharp(data, { raw: { width, height, channels: 3 } }).blur(2);
const whole = () => picture().jpeg({ quality: 90 }).toBuffer();
const DAMAGED = /expected a complete JPEG image, found a JPEG file that is truncated or damaged/;

/** A picture with some white paper. */
const paper = async () => {
  const white = { create: { width: 20, height: 20, channels: 3, background: '#ffffff' } } as const;
  const png = await picture()
    .composite([{ input: white, top: 8, left: 8 }])
    .png()
    .toBuffer();
  return sharp(png);
};

/** The file with inks as their shares, though with the marker of inverted ones. */
async function withPlainInks(cmyk: Buffer): Promise<Buffer> {
  const negative = sharp(await withInksInverted(cmyk));
  return negative.pipelineColourspace('cmyk').toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
}

/** The position of a marker's first byte. */
const markerAt = (bytes: Buffer, marker: number) => bytes.indexOf(Buffer.of(0xff, marker));

/** An APP1 segment of EXIF data whose directory points to itself, with an orientation of 3: upside down. */
function endlessExif(entries = 20): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 12 * entries + 4);
  tiff.write('MM\0*', 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(entries, 8);
  for (let i = 0; i < entries; i++) {
    const at = 10 + 12 * i;
    tiff.writeUInt16BE(i === 0 ? 0x0112 : 0x8769, at);
    tiff.writeUInt16BE(i === 0 ? 3 : 4, at + 2);
    tiff.writeUInt32BE(1, at + 4);
    if (i === 0) tiff.writeUInt16BE(3, at + 8);
    else tiff.writeUInt32BE(8, at + 8);
  }
  const header = Buffer.from('\xff\xe1\0\0Exif\0\0', 'latin1');
  header.writeUInt16BE(8 + tiff.length, 2);
  return Buffer.concat([header, tiff]);
}

describe('a JPEG file', () => {
  it('that is whole stays as it is', async () => {
    const bytes = await whole();
    expect(repairJpeg(bytes)).toBe(bytes);
  });

  it('that lacks only its end marker is read', async () => {
    const bytes = await whole();
    const { data: found } = await decodeImage(bytes.subarray(0, -2));
    expect(Buffer.compare(found, (await decodeImage(bytes)).data)).toBe(0);
  });

  it('that is cut off is refused, with an end marker too', async () => {
    const bytes = await whole();
    const half = bytes.subarray(0, bytes.length * 0.7);
    await expect(decodeImage(half)).rejects.toThrow(DAMAGED);
    await expect(decodeImage(Buffer.concat([half, Buffer.of(0xff, 0xd9)]))).rejects.toThrow(DAMAGED);
  });

  it('with a hole in its data is refused', async () => {
    const bytes = Buffer.from(await whole());
    bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 200);
    await expect(decodeImage(bytes)).rejects.toThrow(DAMAGED);
  });

  it('with a hole in its data is refused beside a version that the decoder does not know', async () => {
    const jfif = Buffer.from('\xff\xe0\0\x10JFIF\0\x4d\x01\0\0\x01\0\x01\0\0', 'latin1');
    const plain = await whole();
    const cmyk = await picture().toColourspace('cmyk').jpeg({ quality: 90 }).toBuffer();
    cmyk[cmyk.indexOf('Adobe') + 11] = 77;
    for (const bytes of [Buffer.concat([plain.subarray(0, 2), jfif, plain.subarray(2)]), cmyk]) {
      expect((await decodeImage(bytes)).width).toBe(width);
      bytes.fill(0, bytes.length >> 1, (bytes.length >> 1) + 200);
      await expect(decodeImage(bytes)).rejects.toThrow(DAMAGED);
    }
  });

  it('with data left over is refused, unless few bytes that are alike pad it', async () => {
    const bytes = await whole();
    const withLeftOver = (...left: number[]) =>
      decodeImage(Buffer.concat([bytes.subarray(0, -2), Buffer.from(left), bytes.subarray(-2)]));
    const { data: expected } = await decodeImage(bytes);
    const { data: found } = await withLeftOver(...new Array(64).fill(0));
    expect(Buffer.compare(found, expected)).toBe(0);
    await expect(withLeftOver(...new Array(600).fill(0))).rejects.toThrow(DAMAGED);
    // As a file whose last part never came: the decoder takes zeros for data, and has some left over.
    const tail = Buffer.from(bytes);
    tail.fill(0, Math.round(bytes.length * 0.8));
    await expect(decodeImage(tail)).rejects.toThrow(DAMAGED);
  });

  it('whose line ends were changed is refused', async () => {
    const bytes = (await whole()).toString('latin1').replaceAll('\n', '\r\n');
    await expect(decodeImage(Buffer.from(bytes, 'latin1'))).rejects.toThrow(DAMAGED);
  });

  it.each([
    ['inverted, as Adobe writes them', false],
    ['as their shares', true],
  ])('of four inks without a marker is no negative, whether they are stored %s', async (_, plain) => {
    const inverted = await (await paper()).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const { data: expected } = await decodeImage(inverted);
    const cmyk = plain ? await withPlainInks(inverted) : inverted;
    const at = markerAt(cmyk, 0xee);
    const bare = Buffer.concat([cmyk.subarray(0, at), cmyk.subarray(at + 2 + cmyk.readUInt16BE(at + 2))]);
    expect(markerAt(bare, 0xee)).toBe(-1);
    const { data: found } = await decodeImage(bare);
    const off = found.reduce((sum, value, i) => sum + Math.abs(value - expected[i]!), 0) / found.length;
    expect(off).toBeLessThan(3);
  });

  it('with circular EXIF data is read, and turned as they say', async () => {
    const bytes = await whole();
    const endless = Buffer.concat([bytes.subarray(0, 2), endlessExif(), bytes.subarray(2)]);
    expect(repairJpeg(endless).length).toBeLessThan(bytes.length + 60);
    const turned = await sharp(bytes).rotate(180).raw().toBuffer();
    expect(Buffer.compare((await decodeImage(endless)).data, turned)).toBe(0);
  });

  it('with circular EXIF data costs no time, even if only its header is read', async () => {
    const bytes = await whole();
    const endless = Buffer.concat([bytes.subarray(0, 2), endlessExif(2000), bytes.subarray(2)]);
    const started = process.cpuUsage();
    expect(await imageHeader(endless)).toMatchObject({
      width,
      height,
      format: 'jpeg',
      upright: { width, height },
    });
    await decodeImage(endless);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(1);
  });
});

/** Sample formats of TIFF 6.0, section 19. */
const SAMPLES = { unsigned: 1, signed: 2, float: 3 } as const;

/** @param exif data that lead in a circle */
async function withExif(form: 'png' | 'webp', exif: Buffer): Promise<Buffer> {
  const bytes = await picture()
    .withExif({ IFD0: { ImageDescription: 'x' } })
    [form]({ quality: 90 })
    .toBuffer();
  const [name, at] = form === 'png' ? ['eXIf', 4] : ['EXIF', 0];
  const from = bytes.indexOf(name) - at;
  const length = form === 'png' ? bytes.readUInt32BE(from) : bytes.readUInt32LE(from + 4);
  const header = Buffer.from(bytes.subarray(from, from + 8));
  if (form === 'png') header.writeUInt32BE(exif.length);
  else header.writeUInt32LE(exif.length, 4);
  const check = Buffer.alloc(form === 'png' ? 4 : exif.length & 1);
  if (form === 'png') check.writeUInt32BE(crc32(Buffer.concat([header.subarray(4), exif])));
  const end = from + 8 + length + (form === 'png' ? 4 : length & 1);
  const made = Buffer.concat([bytes.subarray(0, from), header, exif, check, bytes.subarray(end)]);
  if (form === 'webp') made.writeUInt32LE(made.length - 8, 4);
  return made;
}

it.each(['png', 'webp'] as const)('a %s file with circular EXIF data costs no time', async (form) => {
  const endless = await withExif(form, endlessExif(2000).subarray(10));
  const started = process.cpuUsage();
  expect(await imageHeader(endless)).toMatchObject({ width, height, format: form });
  const { data: found } = await decodeImage(endless);
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1e6).toBeLessThan(1);
  const turned = await sharp(await picture()[form]({ quality: 90 }).toBuffer())
    .rotate(180)
    .raw()
    .toBuffer();
  expect(Buffer.compare(found, turned)).toBe(0);
});

/** A grey TIFF of 32-bit samples, with the least that it must say. */
function wideTiff(kind: keyof typeof SAMPLES): Buffer {
  const [side, samples] = [4, 16];
  const fields: [tag: number, value: number][] = [
    [256, side],
    [257, side],
    [258, 32],
    [259, 1],
    [262, 1],
    [273, 0],
    [277, 1],
    [278, side],
    [279, 4 * samples],
    [339, SAMPLES[kind]],
  ];
  const start = 8 + 2 + 12 * fields.length + 4;
  const bytes = Buffer.alloc(start + 4 * samples);
  bytes.write('II*\0\x08\0\0\0', 'latin1');
  bytes.writeUInt16LE(fields.length, 8);
  fields.forEach(([tag, value], i) => {
    const at = 10 + 12 * i;
    bytes.writeUInt16LE(tag, at);
    bytes.writeUInt16LE(4, at + 2);
    bytes.writeUInt32LE(1, at + 4);
    bytes.writeUInt32LE(tag === 273 ? start : value, at + 8);
  });
  for (let i = 0; i < samples; i++) bytes.writeFloatLE(i / samples, start + 4 * i);
  return bytes;
}

it.each([
  ['float', 'float', 'floating-point'],
  ['signed', 'int', 'signed 32-bit'],
  ['unsigned', 'uint', '32-bit'],
] as const)('a TIFF file of %s samples of 32 bits is named', async (kind, depth, words) => {
  expect((await sharp(wideTiff(kind)).metadata()).depth).toBe(depth);
  await expect(decodeImage(wideTiff(kind))).rejects.toThrow(
    `expected an image with 8 or 16 bits per sample, found a TIFF of ${words} samples`,
  );
});

it('a JPEG file is mangled if 8 line feeds or more all follow a carriage return', () => {
  const file = (...data: number[]) => Uint8Array.of(0xff, 0xd8, ...data, 0xff, 0xd9);
  const ends = (count: number) => new Array(count).fill([5, 13, 10]).flat();
  expect(isMangledText(file(...ends(8)))).toBe(true);
  expect(isMangledText(file(...ends(7)))).toBe(false);
  expect(isMangledText(file(...ends(8), 5, 10))).toBe(false);
});
