import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { Random } from '../../random/index.js';
import type { PixelImage } from '../../vision/index.js';
import { likeness, mirrored, pictureSignature } from './perceptual-hash.js';

const perceptualHash = (image: PixelImage): bigint => pictureSignature(image).hash;

const bits = (a: bigint, b: bigint): number => (a ^ b).toString(2).replaceAll('0', '').length;

/** Soft blobs, as different from seed to seed as two photographs. */
async function photograph(seed: number): Promise<PixelImage> {
  const random = new Random(seed);
  const data = Buffer.from(Uint8Array.from({ length: 3 * 100 }, () => random.below(256)));
  const raw = await sharp(data, { raw: { width: 10, height: 10, channels: 3 } })
    .resize(180, 180, { kernel: 'cubic' })
    .raw()
    .toBuffer();
  return { width: 180, height: 180, data: raw };
}

const change = async (image: PixelImage, by: (picture: Sharp) => Sharp): Promise<PixelImage> => {
  const { width, height } = image;
  const encoded = await by(sharp(image.data, { raw: { width, height, channels: 3 } })).toBuffer();
  const { data, info } = await sharp(encoded).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
};

describe('the perceptual hash', () => {
  it.each<[string, (picture: Sharp) => Sharp]>([
    ['smaller', (p) => p.resize(64, 64).png()],
    ['compressed hard', (p) => p.jpeg({ quality: 20 })],
    ['brighter and flatter', (p) => p.linear(0.7, 40).png()],
    ['blurred', (p) => p.blur(3).png()],
  ])('of a copy that is %s differs in few bits', async (_, by) => {
    for (const seed of [1, 2, 3, 4]) {
      const image = await photograph(seed);
      expect(bits(perceptualHash(image), perceptualHash(await change(image, by)))).toBeLessThanOrEqual(4);
    }
  });

  it('of another picture differs in many bits', async () => {
    const hashes = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => perceptualHash(await photograph(seed))),
    );
    hashes.forEach((a, i) => {
      for (const b of hashes.slice(i + 1)) expect(bits(a, b)).toBeGreaterThan(12);
    });
  });

  it('has the bits of the cosine transform by its definition', async () => {
    const image = {
      width: 32,
      height: 32,
      data: (await change(await photograph(9), (p) => p.resize(32, 32).png())).data,
    };
    const grey = (x: number, y: number) => {
      const [r, g, b] = image.data.subarray(3 * (32 * y + x));
      return 0.299 * r! + 0.587 * g! + 0.114 * b!;
    };
    const coefficients: number[] = [];
    for (let v = 1; v <= 8; v++) {
      for (let u = 1; u <= 8; u++) {
        let sum = 0;
        for (let y = 0; y < 32; y++) {
          for (let x = 0; x < 32; x++) {
            const wave = Math.cos((Math.PI * u * (x + 0.5)) / 32) * Math.cos((Math.PI * v * (y + 0.5)) / 32);
            sum += grey(x, y) * wave;
          }
        }
        coefficients.push(sum);
      }
    }
    const sorted = coefficients.toSorted((a, b) => a - b);
    const above = coefficients.map((c) => (c > sorted[31]! ? '1' : '0')).join('');
    expect(perceptualHash(image).toString(2).padStart(64, '0')).toBe(above);
  });

  it('of the mirror image is known from the picture itself', async () => {
    const image = await photograph(3);
    const other = pictureSignature(await change(image, (p) => p.flop().png()));
    const signature = pictureSignature(image);
    expect(bits(signature.mirrored, other.hash)).toBeLessThanOrEqual(2);
    expect(likeness(mirrored(signature.thumbnail), other.thumbnail)).toBeGreaterThan(0.99);
    expect(likeness(signature.thumbnail, other.thumbnail)).toBeLessThan(0.7);
  });

  it('of an even surface has no ones, whatever its colour', () => {
    const even = (value: number) => ({
      width: 50,
      height: 40,
      data: new Uint8Array(3 * 50 * 40).fill(value),
    });
    expect([0, 77, 255].map((value) => perceptualHash(even(value)))).toEqual([0n, 0n, 0n]);
  });
});
