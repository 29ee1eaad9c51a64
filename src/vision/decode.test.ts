import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DecodeOptions, decodeBytes, decodeImage } from './decode.js';
import { ImageError } from './image-error.js';

const WIDTH = 24;
const HEIGHT = 16;

/** Four flat quadrants: red, green, blue, yellow in reading order. */
const QUADRANTS = [
  [220, 30, 40],
  [40, 200, 60],
  [30, 60, 210],
  [230, 220, 50],
] as const;

function quadrants(): Uint8Array {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      data.set(QUADRANTS[(y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1)]!, (y * WIDTH + x) * 3);
    }
  }
  return data;
}

const picture = (): Sharp => sharp(quadrants(), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });

/** The colours in the middle of the four quarters, in reading order. */
function corners(image: { width: number; height: number; data: Uint8Array }): number[][] {
  const at = (fx: number, fy: number) => {
    const offset = (Math.floor(fy * image.height) * image.width + Math.floor(fx * image.width)) * 3;
    return [...image.data.subarray(offset, offset + 3)];
  };
  return [at(0.25, 0.25), at(0.75, 0.25), at(0.25, 0.75), at(0.75, 0.75)];
}

function expectColours(
  actual: number[][],
  expected: readonly (readonly number[])[],
  tolerance: number,
): void {
  const worst = Math.max(
    ...expected.flatMap((colour, i) => colour.map((v, c) => Math.abs(v - actual[i]![c]!))),
  );
  expect(worst, `${JSON.stringify(actual)} against ${JSON.stringify(expected)}`).toBeLessThanOrEqual(
    tolerance,
  );
}

/** CRC-32 as PNG has it (ISO 3309); Node's zlib offers one only from version 22. */
function crcOf(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A PNG whose header claims a size that its data does not have. */
function pngClaiming(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crcOf(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agewise-decode-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function failure(input: string | Uint8Array, options?: DecodeOptions): Promise<ImageError> {
  const error = await decodeImage(input, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ImageError);
  const { message } = error as ImageError;
  expect(message).not.toMatch(/vips|libpng|heif:|loader|buffer|\n/i);
  return error as ImageError;
}

describe('decodeImage', () => {
  it.each<[string, (image: Sharp) => Sharp, number]>([
    ['JPEG', (image) => image.jpeg({ quality: 95 }), 6],
    ['progressive JPEG', (image) => image.jpeg({ quality: 95, progressive: true }), 6],
    ['PNG', (image) => image.png(), 0],
    ['PNG with a palette', (image) => image.png({ palette: true }), 4],
    ['WebP', (image) => image.webp({ lossless: true }), 0],
    ['AVIF', (image) => image.avif({ quality: 90 }), 8],
    ['TIFF', (image) => image.tiff({ compression: 'lzw' }), 0],
    ['GIF', (image) => image.gif(), 6],
    ['16 bit PNG', (image) => image.toColourspace('rgb16').png(), 1],
    ['opaque alpha', (image) => image.ensureAlpha(1).png(), 0],
    ['Display P3', (image) => image.withIccProfile('p3').png(), 3],
  ])('reads %s', async (_, encode, tolerance) => {
    const image = await decodeImage(await encode(picture()).toBuffer());
    expect([image.width, image.height, image.data.length]).toEqual([WIDTH, HEIGHT, WIDTH * HEIGHT * 3]);
    expectColours(corners(image), QUADRANTS, tolerance);
  });

  it('reads grey of 8 and of 16 bit as three equal channels', async () => {
    const grey = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 7) % 256);
    const source = () => sharp(grey, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } });
    const expected = Uint8Array.from({ length: grey.length * 3 }, (_, i) => grey[Math.floor(i / 3)]!);
    const png = await source().toColourspace('b-w').png().toBuffer();
    expect((await sharp(png).metadata()).channels).toBe(1);
    expect((await decodeImage(png)).data).toEqual(expected);
    const deep = await source().toColourspace('grey16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    const { data } = await decodeImage(deep);
    expect(data.every((v, i) => Math.abs(v - expected[i]!) <= 1)).toBe(true);
  });

  it('reads CMYK, whose ink is no negative', async () => {
    const jpeg = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#d0d0d0' } })
      .toColourspace('cmyk')
      .jpeg({ quality: 95 })
      .toBuffer();
    expect((await sharp(jpeg).metadata()).space).toBe('cmyk');
    expectColours(corners(await decodeImage(jpeg)), [[208, 208, 208]], 20);
  });

  it('lays what is transparent on white', async () => {
    const png = await sharp({
      create: { width: 4, height: 4, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    expectColours(corners(await decodeImage(png)), [[255, 127, 127]], 1);
  });

  it('reads the first frame of an animation', async () => {
    const frames = Buffer.concat([Buffer.alloc(48, 250), Buffer.alloc(48, 5)]);
    const gif = await sharp(frames, { raw: { width: 4, height: 8, channels: 3, pageHeight: 4 } })
      .gif()
      .toBuffer();
    expect((await sharp(gif).metadata()).pages).toBe(2);
    const image = await decodeImage(gif);
    expect([image.width, image.height]).toEqual([4, 4]);
    expectColours(corners(image), [[250, 250, 250]], 4);
  });

  // For each EXIF orientation, where the stored quadrants 0 1 / 2 3 stand in the upright picture
  // (Exif 2.32, table 6: which stored edge is the picture's top and left).
  it.each([
    [1, [0, 1, 2, 3]],
    [2, [1, 0, 3, 2]],
    [3, [3, 2, 1, 0]],
    [4, [2, 3, 0, 1]],
    [5, [0, 2, 1, 3]],
    [6, [2, 0, 3, 1]],
    [7, [3, 1, 2, 0]],
    [8, [1, 3, 0, 2]],
  ])('applies EXIF orientation %i', async (orientation, order) => {
    const image = await decodeImage(await picture().withMetadata({ orientation }).png().toBuffer());
    expect([image.width, image.height]).toEqual(orientation >= 5 ? [HEIGHT, WIDTH] : [WIDTH, HEIGHT]);
    expectColours(
      corners(image),
      order.map((i) => QUADRANTS[i]!),
      0,
    );
  });

  it('reads a file, an ArrayBuffer and a part of a larger buffer alike', async () => {
    const png = await picture().png().toBuffer();
    const path = join(folder, 'named-wrongly.jpg');
    await writeFile(path, png);
    const padded = new Uint8Array(png.length + 20);
    padded.set(png, 10);
    const expected = quadrants();
    expect((await decodeImage(path)).data).toEqual(expected);
    expect((await decodeImage(padded.subarray(10, 10 + png.length))).data).toEqual(expected);
    expect((await decodeImage(padded.slice(10, 10 + png.length).buffer)).data).toEqual(expected);
  });

  it('reads a file anew once it has been overwritten', async () => {
    const path = join(folder, 'overwritten.png');
    await writeFile(path, await picture().png().toBuffer());
    await decodeImage(path);
    await writeFile(path, await picture().negate().png().toBuffer());
    expect((await decodeImage(path)).data[0]).toBe(255 - QUADRANTS[0][0]);
  });

  it('reads an image of one pixel', async () => {
    const png = await sharp(Uint8Array.of(1, 2, 3), { raw: { width: 1, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    expect(await decodeImage(png)).toEqual({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3) });
  });
});

describe('decodeImage refuses', () => {
  const jpeg = () => picture().resize(400, 300).jpeg().toBuffer();

  it('an empty file and empty bytes', async () => {
    const path = join(folder, 'empty.jpg');
    await writeFile(path, '');
    expect((await failure(path)).message).toBe(
      `${path}: expected an image (JPEG, PNG, WebP, AVIF, TIFF or GIF), found an empty file`,
    );
    expect((await failure(new Uint8Array(0))).found).toBe('no bytes');
  });

  it.each([
    ['text', 'Dear diary,\nno picture today: ä ö ü.\n'],
    ['an HTML page', '<!DOCTYPE html><html><body>404</body></html>'],
    ['an SVG drawing', '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a PDF document', '%PDF-1.7\n%\xe2\xe3'],
    ['a BMP image', 'BM\x9a\0\0\0\0\0\0\0'],
    ['a Netpbm image', 'P6\n2 2\n255\n            '],
    ['an OpenEXR image', 'v/1\x01\x02\0\0\0'],
    ['a JPEG 2000 image', '\xff\x4f\xff\x51\0\x2f'],
    ['a raw photograph', '\0\0\0\x18ftypcrx \0\0\0\x01crx isom'],
    ['a raw photograph', 'FUJIFILMCCD-RAW 0201'],
    ['a ZIP archive', 'PK\x03\x04\x14\0\0\0'],
    ['a HEIC image (save it as JPEG first)', '\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08mdat'],
    ['a HEIC image (save it as JPEG first)', '\0\0\0\x18ftypmif1\0\0\0\0mif1heic\0\0\0\x08mdat'],
    ['a video or another file of the MP4 family', '\0\0\0\x18ftypisom\0\0\x02\0isommp41\0\0\0\x08mdat'],
    ['data of an unknown format', '\x01\x02\x03\x04\x05\xfe'],
  ])('%s that is named .jpg', async (found, content) => {
    const path = join(folder, 'stranger.jpg');
    await writeFile(path, content, content.includes('diary') ? 'utf8' : 'latin1');
    expect((await failure(path)).message).toBe(
      `${path}: expected an image (JPEG, PNG, WebP, AVIF, TIFF or GIF), found ${found}`,
    );
  });

  it.each<[string, readonly [tag: number, value: number][]]>([
    ['DNG', [[50_706, 0x0401]]],
    [
      'a preview beside what it is of',
      [
        [254, 1],
        [330, 8],
      ],
    ],
    ['a mosaic', [[262, 32_803]]],
  ])('a raw photograph that is a TIFF: %s', async (_, tags) => {
    for (const little of [true, false]) {
      const tiff = new DataView(new ArrayBuffer(64));
      tiff.setUint16(0, little ? 0x4949 : 0x4d4d);
      tiff.setUint16(2, 42, little);
      tiff.setUint32(4, 8, little);
      tiff.setUint16(8, tags.length, little);
      tags.forEach(([tag, value], i) => {
        tiff.setUint16(10 + 12 * i, tag, little);
        tiff.setUint16(12 + 12 * i, 4, little);
        tiff.setUint32(14 + 12 * i, 1, little);
        tiff.setUint32(18 + 12 * i, value, little);
      });
      expect((await failure(new Uint8Array(tiff.buffer))).found).toBe('a raw photograph');
    }
  });

  it.each<[string, (image: Sharp) => Sharp]>([
    ['a JPEG', (image) => image.jpeg()],
    ['a PNG', (image) => image.png()],
    ['a WebP', (image) => image.webp()],
    ['an AVIF', (image) => image.avif()],
    ['a TIFF', (image) => image.tiff()],
    ['a GIF', (image) => image.gif()],
  ])('%s that is cut off', async (article, encode) => {
    const whole = await encode(picture().resize(200, 150)).toBuffer();
    for (const kept of [0.3, 0.6, 0.9]) {
      const error = await failure(whole.subarray(0, Math.floor(whole.length * kept)), { name: 'half' });
      expect(error.message).toBe(
        `half: expected a complete ${article.split(' ')[1]} image, found ${article} file that is truncated or damaged`,
      );
    }
  });

  it('a JPEG that ends within its header', async () => {
    expect((await failure((await jpeg()).subarray(0, 40))).found).toBe(
      'a JPEG file that is truncated or damaged',
    );
  });

  it('a picture over the limit, before it is decoded', async () => {
    const error = await failure(pngClaiming(40_000, 40_000), { name: 'huge.png' });
    expect(error.message).toBe(
      'huge.png: expected an image of at most 100 megapixels, found 40000 × 40000 pixels',
    );
    const picky = await failure(await picture().png().toBuffer(), { maxPixels: WIDTH * HEIGHT - 1 });
    expect(picky.expected).toBe('an image of at most 383 pixels');
    expect(picky.found).toBe('24 × 16 pixels');
    await expect(
      decodeImage(await picture().png().toBuffer(), { maxPixels: WIDTH * HEIGHT }),
    ).resolves.toBeDefined();
  });

  it('a side of more than 20,000 pixels, unless more pixels are allowed', async () => {
    const strip = await sharp({ create: { width: 20_001, height: 16, channels: 3, background: '#777' } })
      .png()
      .toBuffer();
    const glance = { width: 8, height: 8, fit: 'fill' } as const;
    await expect(decodeBytes(strip, 'strip', { resize: glance })).rejects.toThrow(
      'strip: expected an image of at most 20000 pixels a side, found 20001 × 16 pixels',
    );
    expect((await decodeBytes(strip, 'strip', { maxPixels: 100e6 + 1 })).width).toBe(20_001);
  });

  it('a folder and a missing file', async () => {
    expect((await failure(folder)).found).toBe('a folder');
    const missing = join(folder, 'missing.jpg');
    expect((await failure(missing)).message).toBe(
      `${missing}: expected an image (JPEG, PNG, WebP, AVIF, TIFF or GIF), found no such file`,
    );
  });

  it.skipIf(process.getuid?.() === 0)('a file without read permission (skipped for root)', async () => {
    const locked = join(folder, 'locked.jpg');
    await writeFile(locked, await jpeg());
    await chmod(locked, 0);
    expect((await failure(locked)).found).toBe('a file that cannot be read (permission denied)');
  });

  it.skipIf(process.platform === 'win32')('a pipe, which it does not wait for (not on Windows)', async () => {
    const pipe = join(folder, 'pipe.jpg');
    execFileSync('mkfifo', [pipe]);
    expect((await failure(pipe)).message).toBe(
      `${pipe}: expected an image (JPEG, PNG, WebP, AVIF, TIFF or GIF), found a pipe`,
    );
  });

  it.skipIf(process.platform === 'win32')('a device and a socket (not on Windows)', async () => {
    expect((await failure('/dev/null')).found).toBe('a device');
    const path = join(folder, 'socket');
    const server = createServer();
    await new Promise<void>((done) => server.listen(path, done));
    expect((await failure(path)).found).toBe('a socket');
    server.close();
  });

  it.skipIf(process.platform !== 'linux')('a file whose name is not UTF-8 (Linux only)', async () => {
    const bytes = Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(0xe9)]);
    await writeFile(bytes, await jpeg());
    expect((await failure(bytes.toString())).found).toBe('no such file, or one whose name is not UTF-8');
  });

  it('a file below another file', async () => {
    await mkdir(join(folder, 'inner'), { recursive: true });
    const path = join(folder, 'inner', 'file');
    await writeFile(path, 'x');
    expect((await failure(join(path, 'photo.jpg'))).found).toBe('no such file');
  });
});

it('refuses an image that takes longer to decode than it may', async () => {
  // Interlaced, so that no row is whole before all are decoded: seconds for a file of 100 kB.
  const side = 9_900;
  const slow = await sharp(Buffer.alloc(side * side), { raw: { width: side, height: side, channels: 1 } })
    .toColourspace('b-w')
    .png({ progressive: true })
    .toBuffer();
  await expect(decodeImage(slow, { maxSeconds: 1 })).rejects.toThrow(
    'image: expected an image that is decoded within 1 s, found one that takes longer',
  );
});

it('refuses a JPEG of so many segments that only reading them takes seconds', async () => {
  const jpeg = await picture().jpeg().toBuffer();
  const withSegments = (count: number) =>
    Buffer.concat([jpeg.subarray(0, 2), ...Array(count).fill(Buffer.of(0xff, 0xe3, 0, 2)), jpeg.subarray(2)]);
  expect((await decodeImage(withSegments(1000))).width).toBe(WIDTH);
  await expect(decodeImage(withSegments(10_001))).rejects.toThrow('truncated or damaged');
});

it('rejects a JPEG mangled as text even if it decodes; left-over bytes alone are harmless', async () => {
  const feeds = (bytes: Uint8Array) => bytes.filter((byte) => byte === 10).length;
  let jpeg: Buffer;
  let side = 16;
  // A picture without a line feed, so that only those below count.
  do {
    jpeg = await sharp({ create: { width: side, height: 16, channels: 3, background: '#a07050' } })
      .jpeg()
      .toBuffer();
    side += 8;
  } while (feeds(jpeg.subarray(jpeg.lastIndexOf(Buffer.from([0xff, 0xda])) + 14)) > 0);
  const withLeftOver = (text: string) =>
    Buffer.concat([jpeg.subarray(0, -2), Buffer.from(text), jpeg.subarray(-2)]);
  expect((await decodeImage(withLeftOver('\n'.repeat(12)))).height).toBe(16);
  await expect(decodeImage(withLeftOver('\r\n'.repeat(12)))).rejects.toThrow(
    'found a JPEG file that is truncated or damaged',
  );
});
