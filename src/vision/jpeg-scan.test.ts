import sharp, { type JpegOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './decode.js';
import { needsCheck, scansAreWhole } from './jpeg-scan.js';
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

/** A picture with white, black and colours, like most. */
const SHAPES = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="240"><rect width="300" height="240" fill="white"/>
${Array.from({ length: 60 }, (_, i) => `<circle cx="${(i * 67) % 300}" cy="${(i * 41) % 240}" r="${5 + (i % 17)}" fill="hsl(${i * 47}, 60%, ${(i * 13) % 70}%)"/>`).join('')}</svg>`;

/** The place of the first byte of codes. */
function scanData(bytes: Buffer): number {
  const header = bytes.indexOf(Buffer.of(0xff, 0xda)) + 2;
  return header + bytes.readUInt16BE(header);
}

/** Where the headers of scans begin. */
function scanStarts(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf(Buffer.of(0xff, 0xda)); at >= 0; ) {
    starts.push(at);
    at = bytes.indexOf(Buffer.of(0xff, 0xda), at + 1);
  }
  return starts;
}

const VISIBLE_LEVELS = 24;
const VISIBLE_SHARE = 0.001;

/** Of damage by 8 wrong bytes that gives no warning of the decoder: whether it is to be seen, and refused. */
async function withWrongBytes(bytes: Buffer, step: number) {
  const pixels = (file: Buffer) => sharp(file, { failOn: 'warning' }).raw().toBuffer();
  const good = await pixels(bytes);
  const unnoticed: { readonly visible: boolean; readonly refused: boolean }[] = [];
  for (let at = scanData(bytes) + 20; at < bytes.length - 20; at += step) {
    const damaged = Buffer.from(bytes);
    for (let i = 0; i < 8; i++) damaged[at + i] = (41 * (at + i)) % 251;
    const bad = await pixels(damaged).catch(() => undefined);
    if (bad === undefined) continue;
    const changed = bad.filter((value, i) => Math.abs(value - good[i]!) > VISIBLE_LEVELS).length;
    const visible = changed > VISIBLE_SHARE * good.length;
    unnoticed.push({ visible, refused: scansAreWhole(damaged) === false });
  }
  return unnoticed;
}

/** A block without differences by the tables of annex K: no change of DC (00), the end (1010), and padding (11). */
const GREY_BLOCK = 0b00101011;

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
  ['progressive', () => picture({ progressive: true })],
  [
    'progressive, of full chroma',
    () => picture({ progressive: true, chromaSubsampling: '4:4:4', quality: 95 }),
  ],
  ['progressive, of scans chosen by size', () => picture({ mozjpeg: true, quality: 70 })],
  [
    'progressive and grey',
    async () =>
      sharp(await picture())
        .greyscale()
        .jpeg({ progressive: true })
        .toBuffer(),
  ],
  ['progressive, of one colour', () => flat({ progressive: true })],
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

  it('of a progressive file are whole only if none is missing', async () => {
    const bytes = await picture({ progressive: true });
    const starts = scanStarts(bytes);
    expect(starts.length).toBeGreaterThan(5);
    for (const [n, from] of starts.entries()) {
      const to = starts[n + 1] ?? bytes.length - 2;
      // Tables that came with it, of which later scans may be in need, stay.
      const data = from + 2 + bytes.readUInt16BE(from + 2);
      const tables = bytes.indexOf(Buffer.of(0xff, 0xc4), data);
      const end = tables < 0 || tables > to ? to : tables;
      const without = Buffer.concat([bytes.subarray(0, from), bytes.subarray(end)]);
      expect(scansAreWhole(without), `scan ${n}`).toBe(false);
    }
  });

  it('of a progressive file with bytes that are visibly wrong are refused in most places where the decoder has no warning', async () => {
    const unnoticed = await withWrongBytes(
      await sharp(Buffer.from(SHAPES)).jpeg({ quality: 60, progressive: true }).toBuffer(),
      13,
    );
    const visible = unnoticed.filter((damage) => damage.visible);
    expect(visible.length).toBeGreaterThan(20);
    expect(visible.filter(({ refused }) => refused).length / visible.length).toBeGreaterThan(0.5);
  });

  it('with arithmetic codes cannot be told', async () => {
    const bytes = await picture();
    bytes[bytes.indexOf(Buffer.of(0xff, 0xc0)) + 1] = 0xc9;
    expect(scansAreWhole(bytes)).toBeUndefined();
  });

  it('are checked in small files, and in large ones with a hole or without line ends', async () => {
    expect(needsCheck(await picture())).toBe(true);
    const large = await sharp(noise(400, 300, 3).data, { raw: { width: 400, height: 300, channels: 3 } })
      .jpeg({ quality: 90 })
      .toBuffer();
    expect(needsCheck(large)).toBe(false);
    const progressive = await sharp(large).jpeg({ quality: 90, progressive: true }).toBuffer();
    expect(needsCheck(progressive)).toBe(false);
    // A table between its scans: that is no hole.
    const second = scanStarts(progressive)[1]!;
    const table = Buffer.concat([Buffer.of(0xff, 0xc4, 0, 20, 0x13, 1), Buffer.alloc(15), Buffer.of(0)]);
    expect(
      needsCheck(Buffer.concat([progressive.subarray(0, second), table, progressive.subarray(second)])),
    ).toBe(false);
    for (const place of [0.25, 0.5, 0.75]) {
      const from = Math.round(place * large.length);
      for (const hole of ['\0', '\xf6', 'lost'])
        expect(needsCheck(Buffer.from(large).fill(hole, from, from + 12, 'latin1'))).toBe(true);
    }
    const mangled = Buffer.from(large);
    const start = scanData(large);
    for (let at = start; at < large.length; at++) if (mangled[at] === 0x0d) mangled[at] = 0x0a;
    expect(needsCheck(mangled)).toBe(true);
    const even = await flat({ optimiseCoding: true });
    expect((await decodeImage(even)).width).toBe(900);
  });

  it('with wrong bytes are refused in most places where the decoder has no warning', async () => {
    const unnoticed = await withWrongBytes(
      await sharp(Buffer.from(SHAPES)).jpeg({ quality: 60 }).toBuffer(),
      61,
    );
    expect(unnoticed.length).toBeGreaterThan(20);
    expect(unnoticed.filter(({ refused }) => refused).length / unnoticed.length).toBeGreaterThan(0.6);
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

  it('whose coefficients are larger than those of any picture are not whole', async () => {
    const bytes = await picture({ quality: 90 });
    const table = bytes.indexOf(Buffer.of(0xff, 0xdb)) + 5;
    for (const entries of [
      [0, 1],
      [1, 64],
    ] as const) {
      const damaged = Buffer.from(bytes).fill(255, table + entries[0], table + entries[1]);
      // The decoder shows them without a warning.
      await sharp(damaged, { failOn: 'warning' }).raw().toBuffer();
      expect(scansAreWhole(damaged)).toBe(false);
    }
  });

  it('whose first bits are wrong are not whole where brightness leaves its range', async () => {
    const side = 64;
    const grey = Buffer.alloc(side * side, 255).fill(10, 0, (side * side) / 2);
    const bytes = await sharp(grey, { raw: { width: side, height: side, channels: 1 } })
      .jpeg({ quality: 50, optimiseCoding: false })
      .toBuffer();
    expect(scansAreWhole(bytes)).toBe(true);
    // The first code is that of the first block's DC coefficient, here of 6 bits: 1110. The next bit is its sign.
    const at = scanData(bytes);
    expect(bytes[at]! >> 4).toBe(0b1110);
    bytes[at]! ^= 0b1000;
    await sharp(bytes, { failOn: 'warning' }).raw().toBuffer();
    expect(scansAreWhole(bytes)).toBe(false);
  });

  it('are whole only if restart markers are in order', async () => {
    const blocks = 12;
    const grey = await sharp({ create: { width: 8 * blocks, height: 8, channels: 3, background: '#808080' } })
      .toColourspace('b-w')
      .jpeg({ optimiseCoding: false })
      .toBuffer();
    const start = grey.indexOf(Buffer.of(0xff, 0xda));
    const restarts = (order: readonly number[]) => {
      const codes = order.flatMap((n) => [0xff, 0xd0 + n, GREY_BLOCK]);
      const everyBlock = Buffer.of(0xff, 0xdd, 0, 4, 0, 1);
      return Buffer.concat([
        grey.subarray(0, start),
        everyBlock,
        grey.subarray(start, scanData(grey)),
        Buffer.of(GREY_BLOCK, ...codes, 0xff, 0xd9),
      ]);
    };
    const order = Array.from({ length: blocks - 1 }, (_, i) => i % 8);
    expect(scansAreWhole(restarts(order))).toBe(true);
    await expect(decodeImage(restarts(order))).resolves.toBeDefined();
    expect(scansAreWhole(restarts([0, 2, 1, ...order.slice(3)]))).toBe(false);
    expect(scansAreWhole(restarts(order.slice(1)))).toBe(false);
  });

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
