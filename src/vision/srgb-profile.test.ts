import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { isSrgb } from './srgb-profile.js';

/** From linear sRGB to XYZ under D50, by columns. */
const SRGB = [
  [0.4360747, 0.2225045, 0.0139322],
  [0.3850649, 0.7168786, 0.0971045],
  [0.1430804, 0.0606169, 0.7141733],
] as const;

interface Parts {
  readonly space: string;
  readonly primaries: readonly (readonly number[])[];
  /** Of all three colours. */
  readonly curve: Buffer;
  readonly more: Readonly<Record<string, Buffer>>;
}

/** A profile of a matrix and curves. */
function profile({
  space = 'RGB ',
  primaries = SRGB,
  curve = SRGB_CURVE,
  more = {},
}: Partial<Parts> = {}): Buffer {
  const tags: Record<string, Buffer> = { rTRC: curve, gTRC: curve, bTRC: curve, ...more };
  for (const [c, name] of ['rXYZ', 'gXYZ', 'bXYZ'].entries()) {
    if (primaries[c])
      tags[name] = Buffer.concat([Buffer.from('XYZ \0\0\0\0', 'latin1'), fixed(primaries[c]!)]);
  }
  const names = Object.keys(tags);
  const header = Buffer.alloc(128);
  header.write(`${space}XYZ `, 16, 'latin1');
  const table = Buffer.alloc(4 + 12 * names.length);
  table.writeUInt32BE(names.length);
  let at = header.length + table.length;
  for (const [i, name] of names.entries()) {
    table.write(name, 4 + 12 * i, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * i);
    table.writeUInt32BE(tags[name]!.length, 12 + 12 * i);
    at += tags[name]!.length;
  }
  return Buffer.concat([header, table, ...names.map((name) => tags[name]!)]);
}

function fixed(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65536), 4 * i);
  return bytes;
}

function table(...entries: readonly number[]): Buffer {
  const bytes = Buffer.alloc(12 + 2 * entries.length);
  bytes.write('curv', 'latin1');
  bytes.writeUInt32BE(entries.length, 8);
  for (const [i, entry] of entries.entries()) bytes.writeUInt16BE(entry, 12 + 2 * i);
  return bytes;
}

function formula(type: number, ...parameters: readonly number[]): Buffer {
  const head = Buffer.from('para\0\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt16BE(type, 8);
  return Buffer.concat([head, fixed(parameters)]);
}

const SRGB_CURVE = formula(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);

const linear = (level: number): number =>
  level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;

describe('isSrgb', () => {
  it.each([
    ['by formula', profile()],
    [
      'by formula with offsets of zero',
      profile({ curve: formula(4, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045, 0, 0) }),
    ],
    [
      'by table',
      profile({
        curve: table(...Array.from({ length: 1024 }, (_, i) => Math.round(65535 * linear(i / 1023)))),
      }),
    ],
  ])('recognizes sRGB %s', (_, bytes) => {
    expect(isSrgb(bytes)).toBe(true);
  });

  it.each([
    ['of another gamma', profile({ curve: table(Math.round(1.8 * 256)) })],
    ['of a gamma that is off in the shadows alone', profile({ curve: table(Math.round(2.2 * 256)) })],
    ['of the same gamma by formula', profile({ curve: formula(0, 2.2) })],
    ['of linear light', profile({ curve: table() })],
    ['of another formula', profile({ curve: formula(1, 2.4, 1 / 1.055, 0.055 / 1.055) })],
    ['with an offset', profile({ curve: formula(2, 2.4, 1 / 1.055, 0.055 / 1.055, 0.01) })],
    ['of an unknown kind of curve', profile({ curve: formula(9, 2.4) })],
    ['of red and blue exchanged', profile({ primaries: SRGB.toReversed() })],
    ['without a primary', profile({ primaries: SRGB.slice(0, 2) })],
    ['for inks', profile({ space: 'CMYK' })],
    ['with a table of colours besides', profile({ more: { A2B0: Buffer.alloc(32) } })],
    ['that ends too soon', profile().subarray(0, 300)],
    ['without anything', Buffer.alloc(0)],
  ])('knows a profile %s from sRGB', (_, bytes) => {
    expect(isSrgb(bytes)).toBe(false);
  });

  it("agrees with the decoder's conversion, level by level", async () => {
    const samples = Buffer.from(Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 97) % 256));
    const raw = { width: 32, height: 32, channels: 3 } as const;
    for (const [name, expected] of [
      ['srgb', true],
      ['p3', false],
    ] as const) {
      const file = await sharp(samples, { raw }).withIccProfile(name).png().toBuffer();
      const { icc } = await sharp(file).metadata();
      const converted = await sharp(file).raw().toBuffer();
      const kept = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
      const worst = Math.max(...converted.map((level, i) => Math.abs(level - kept[i]!)));
      expect(worst <= 1).toBe(expected);
      expect(isSrgb(icc!)).toBe(expected);
    }
  });
});
