import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './decode.js';
import { repairJpeg } from './jpeg-repair.js';
import { noise } from './testing.js';

const { width, height, data } = noise(64, 48, 3);
const picture = () => sharp(data, { raw: { width, height, channels: 3 } }).blur(2);
const whole = () => picture().jpeg({ quality: 90 }).toBuffer();
const DAMAGED = /expected a complete JPEG image, found a JPEG file that is truncated or damaged/;

/** The position of a marker's first byte. */
const markerAt = (bytes: Buffer, marker: number) => bytes.indexOf(Buffer.of(0xff, marker));

/** An APP1 segment of EXIF data whose directory points to itself, with an orientation of 3: upside down. */
function endlessExif(): Buffer {
  const entries = 20;
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

  it('that lacks its end marker alone is read', async () => {
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

  it('whose line ends were changed is refused', async () => {
    const bytes = (await whole()).toString('latin1').replaceAll('\n', '\r\n');
    await expect(decodeImage(Buffer.from(bytes, 'latin1'))).rejects.toThrow(DAMAGED);
  });

  it('of four inks without a word of their sense is no negative', async () => {
    const cmyk = await picture().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const at = markerAt(cmyk, 0xee);
    const bare = Buffer.concat([cmyk.subarray(0, at), cmyk.subarray(at + 2 + cmyk.readUInt16BE(at + 2))]);
    expect(markerAt(bare, 0xee)).toBe(-1);
    expect(Buffer.compare((await decodeImage(bare)).data, (await decodeImage(cmyk)).data)).toBe(0);
  });

  it('whose EXIF data lead in a circle is read, and turned as they say', async () => {
    const bytes = await whole();
    const endless = Buffer.concat([bytes.subarray(0, 2), endlessExif(), bytes.subarray(2)]);
    expect(repairJpeg(endless).length).toBeLessThan(bytes.length + 60);
    const turned = await sharp(bytes).rotate(180).raw().toBuffer();
    expect(Buffer.compare((await decodeImage(endless)).data, turned)).toBe(0);
  });
});

/** A grey TIFF of 32-bit floating-point samples, with the least that it must say. */
function floatTiff(): Buffer {
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
    [339, 3],
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

it('a TIFF file of floating-point samples is named', async () => {
  expect((await sharp(floatTiff()).metadata()).depth).toBe('float');
  await expect(decodeImage(floatTiff())).rejects.toThrow(
    'expected an image with 8 or 16 bits per sample, found a TIFF of floating-point samples',
  );
});
