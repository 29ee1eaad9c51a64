import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random/index.js';
import { alignedLikeness } from './aligned-likeness.js';
import { PictureSignatures } from './near-duplicates.js';
import { likeness, mirrored, pictureSignature } from './perceptual-hash.js';

const SIDE = 200;

/** Soft blobs, as different from seed to seed as two photographs. */
async function photograph(seed: number): Promise<Buffer> {
  const random = new Random(seed);
  const data = Buffer.from(Uint8Array.from({ length: 3 * 81 }, () => random.below(256)));
  return sharp(data, { raw: { width: 9, height: 9, channels: 3 } })
    .resize(SIDE, SIDE, { kernel: 'cubic' })
    .png()
    .toBuffer();
}

async function signatureOf(picture: Buffer) {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return pictureSignature({ width: info.width, height: info.height, data });
}

/** Turned about its middle, without the corners. */
async function turned(picture: Buffer, degrees: number): Promise<Buffer> {
  const whole = await sharp(picture).rotate(degrees).png().toBuffer({ resolveWithObject: true });
  const edge = 4 + Math.round((whole.info.width - SIDE) / 2);
  const size = SIDE - 8;
  return sharp(whole.data).extract({ left: edge, top: edge, width: size, height: size }).png().toBuffer();
}

const cropped = (picture: Buffer, left: number, top: number, right: number, bottom: number) =>
  sharp(picture)
    .extract({ left, top, width: SIDE - left - right, height: SIDE - top - bottom })
    .png()
    .toBuffer();

describe('a picture that is moved to match another', () => {
  it.each<[string, (picture: Buffer) => Promise<Buffer>]>([
    ['cropped on all sides', (picture) => cropped(picture, 5, 5, 5, 5)],
    ['cropped on two sides', (picture) => cropped(picture, 8, 8, 0, 0)],
    ['turned by 2 degrees', (picture) => turned(picture, 2)],
  ])('is recognized in a copy that is %s', async (_, copied) => {
    for (const seed of [1, 2, 3]) {
      const picture = await photograph(seed);
      const [{ thumbnail: a }, { thumbnail: b }] = [
        await signatureOf(picture),
        await signatureOf(await copied(picture)),
      ];
      expect(likeness(a, b)).toBeLessThan(0.97);
      expect(alignedLikeness(a, b)).toBeGreaterThan(0.98);
      expect(alignedLikeness(mirrored(a), mirrored(b))).toBeCloseTo(alignedLikeness(a, b), 2);
    }
  });

  it('is not recognized in another', async () => {
    const list = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => signatureOf(await photograph(seed))),
    );
    list.forEach(({ thumbnail: a }, i) => {
      for (const { thumbnail: b } of list.slice(i + 1)) expect(alignedLikeness(a, b)).toBeLessThan(0.8);
    });
    const even = new Int8Array(256);
    expect(alignedLikeness(even, list[0]!.thumbnail)).toBeLessThan(0.5);
    expect(alignedLikeness(even, even)).toBeLessThan(0.5);
  });
});

it('copies that are cropped or turned a little are near-duplicates, mirrored ones too', async () => {
  const signatures = new PictureSignatures();
  const picture = await photograph(1);
  const flopped = await sharp(picture).flop().png().toBuffer();
  const crop = await cropped(picture, 5, 5, 5, 5);
  for (const one of [picture, await photograph(2), crop, await turned(flopped, 1)])
    signatures.push(await signatureOf(one));
  expect(signatures.nearDuplicates()).toEqual([[0, 2, 3]]);
});
