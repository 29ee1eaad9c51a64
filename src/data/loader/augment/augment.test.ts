import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { testInput } from '../../../metadata/testing.js';
import { Random } from '../../../random/index.js';
import { type InputSpec, inputSize, type PixelImage, preprocess } from '../../../vision/index.js';
import { noise, paint, pixel, worstDifference } from '../../../vision/testing.js';
import { Augmenter } from './augment.js';
import { blur } from './blur.js';
import { changeColour, NO_FADE } from './colour.js';
import { compress } from './compress.js';
import { type AugmentOptions, augmentSchema } from './config.js';
import { erase } from './erase.js';
import { drawLook } from './look.js';
import { lowerResolution } from './low-resolution.js';
import { drawMix, mixRows, mixTargets } from './mixup.js';
import { placedTransform } from './placement.js';
import { tensorWriter } from './tensor.js';

const SPEC = testInput({ width: 30, height: 26, crop: 'stretch' });
const NEVER = Object.fromEntries(
  Object.keys(augmentSchema.shape)
    .filter((name) => name !== 'mixup')
    .map((name) => [name, { probability: 0 }]),
) as AugmentOptions;
const STILL = { flip: false, shiftX: 0, shiftY: 0, scale: 1, angle: 0, shear: 0 };
const PLAIN = { brightness: 1, contrast: 1, saturation: 1, tint: [1, 1, 1] as const, fade: NO_FADE };

const copyOf = (image: PixelImage): PixelImage => ({ ...image, data: image.data.slice() });
const smooth = () =>
  paint(40, 32, (x, y) => [
    128 + 70 * Math.sin(x / 4),
    128 + 50 * Math.cos(y / 5),
    128 + 60 * Math.sin((x - y) / 6),
  ]);
const open = ({ data, width, height }: PixelImage) => sharp(data, { raw: { width, height, channels: 3 } });

async function augmented(image: PixelImage, spec: InputSpec, options: AugmentOptions, seed = 1) {
  const out = new Float32Array(inputSize(spec) + 5).fill(-1);
  await new Augmenter(spec, augmentSchema.parse(options)).augment(image, null, seed, out, 5);
  return out.subarray(5);
}

describe('Augmenter', () => {
  it.each(['NCHW', 'NHWC'] as const)(
    'that never does anything preprocesses, to the last bit: %s',
    async (layout) => {
      const spec: InputSpec = {
        ...SPEC,
        layout,
        color: 'BGR',
        mean: [103.9, 116.8, 123.7],
        scale: [0.1, 0.2, 0.3],
      };
      const expected = new Float32Array(inputSize(spec));
      preprocess(noise(50, 44), null, spec, expected);
      expect(await augmented(noise(50, 44), spec, NEVER)).toEqual(expected);
    },
  );

  it.each(['NCHW', 'NHWC'] as const)('changes nothing else if it changes pixels: %s', async (layout) => {
    const spec: InputSpec = {
      ...SPEC,
      layout,
      color: 'BGR',
      mean: [103.9, 116.8, 123.7],
      scale: [0.1, 0.2, 0.3],
    };
    const image = noise(spec.width, spec.height);
    const expected = new Float32Array(inputSize(spec));
    preprocess(image, null, spec, expected);
    // Erases next to nothing, so that the way through pixels is taken.
    const erasing = { probability: 1, area: [0, 0] as [number, number] };
    expect(await augmented(image, spec, { ...NEVER, erasing })).toEqual(expected);
  });

  it('looks the same for the same seed and different for another', async () => {
    const image = noise(50, 44);
    const options = { jpeg: { probability: 1 } };
    expect(await augmented(image, SPEC, options, 4)).toEqual(await augmented(image, SPEC, options, 4));
    expect(await augmented(image, SPEC, options, 5)).not.toEqual(await augmented(image, SPEC, options, 4));
  });
});

describe('drawLook', () => {
  it('takes each augmentation as often as its probability says, within its range', () => {
    const config = augmentSchema.parse({});
    const looks = Array.from({ length: 4000 }, (_, seed) => drawLook(config, seed));
    const share = (is: (look: (typeof looks)[number]) => boolean) => looks.filter(is).length / looks.length;
    expect(share(({ placement }) => placement.flip)).toBeCloseTo(0.5, 1);
    expect(share(({ placement }) => placement.angle !== 0)).toBeCloseTo(0.3, 1);
    expect(share(({ jpeg }) => jpeg !== undefined)).toBeCloseTo(0.1, 1);
    expect(share(({ placement }) => placement.shear !== 0)).toBe(0);
    const slanted = augmentSchema.parse({ shear: { probability: 1, degrees: 5 } });
    const shears = Array.from({ length: 400 }, (_, seed) => drawLook(slanted, seed).placement.shear);
    expect(Math.max(...shears)).toBeCloseTo((5 * Math.PI) / 180, 2);
    expect(Math.min(...shears)).toBeCloseTo((-5 * Math.PI) / 180, 2);
    expect(share(({ erasing }) => erasing !== undefined)).toBeCloseTo(0.5, 1);
    for (const { placement, colour, blur: sigma, jpeg } of looks) {
      expect(Math.abs(placement.shiftX)).toBeLessThanOrEqual(0.1);
      expect(Math.abs(placement.angle)).toBeLessThanOrEqual((10 * Math.PI) / 180);
      expect(placement.scale).toBeGreaterThanOrEqual(0.9);
      expect(Math.abs((colour?.brightness ?? 1) - 1)).toBeLessThanOrEqual(0.25);
      expect(sigma ?? 1).toBeLessThanOrEqual(1.5);
      expect(jpeg ?? 30).toBeGreaterThanOrEqual(30);
    }
  });

  it('draws each augmentation by itself: leaving one out changes no other', () => {
    const all = drawLook(augmentSchema.parse({}), 12);
    const without = drawLook(augmentSchema.parse({ flip: { probability: 0 }, tint: { probability: 0 } }), 12);
    expect({ ...without.placement, flip: null }).toEqual({ ...all.placement, flip: null });
    expect([without.blur, without.jpeg, without.erasing]).toEqual([all.blur, all.jpeg, all.erasing]);
  });

  it.each([
    { erasing: { area: [0.4, 0.02] } },
    { flip: { probability: 1.1 } },
    { blur: { sigma: 3 } },
    { spin: {} },
  ])('refuses %j', (options) => {
    expect(augmentSchema.safeParse(options).success).toBe(false);
  });
});

describe('placedTransform', () => {
  const crop = { center: { x: 50, y: 40 }, width: 40, height: 20, angle: 0 };
  /** Where the middle of the output and the middle of its right edge come from. */
  const seen = (placement: Partial<typeof STILL>) => {
    const { x, y, ax, ay, bx, by } = placedTransform(crop, { ...STILL, ...placement }, 10, 10);
    const at = (u: number, v: number) => [x + ax * u + bx * v, y + ay * u + by * v];
    return [...at(5, 5), ...at(10, 5)].map((value) => expect.closeTo(value, 9));
  };

  it('mirrors about the middle of the crop', () => {
    expect([50, 40, 30, 40]).toEqual(seen({ flip: true }));
  });

  it('moves by shares of the crop', () => {
    expect([54, 36, 74, 36]).toEqual(seen({ shiftX: 0.1, shiftY: -0.2 }));
  });

  it('shows less if the face becomes larger', () => {
    expect([50, 40, 60, 40]).toEqual(seen({ scale: 2 }));
  });

  it('turns about the middle, clockwise', () => {
    expect([50, 40, 50, 60]).toEqual(seen({ angle: Math.PI / 2 }));
  });

  it('shears about the middle, as Keras does', () => {
    // apply_affine_transform with shear = 30: the matrix [[1, −sin], [0, cos]] on (row, column) from the middle.
    const shear = Math.PI / 6;
    const { x, y, ax, ay, bx, by } = placedTransform(crop, { ...STILL, shear }, 10, 10);
    for (const [u, v] of [
      [5, 5],
      [10, 5],
      [0, 0],
      [3, 9],
    ] as const) {
      const [row, column] = [v - 5, u - 5];
      const [fromRow, fromColumn] = [row - Math.sin(shear) * column, Math.cos(shear) * column];
      // Pixels of the output are 4 wide and 2 high in the picture.
      expect(x + ax * u + bx * v).toBeCloseTo(50 + 4 * fromColumn, 9);
      expect(y + ay * u + by * v).toBeCloseTo(40 + 2 * fromRow, 9);
    }
  });

  it('mirrors what it has turned', () => {
    expect([50, 40, 50, 20]).toEqual(seen({ angle: Math.PI / 2, flip: true }));
  });
});

describe('changeColour', () => {
  it.each([
    ['brightness', { ...PLAIN, brightness: 1.3 }, (image: PixelImage) => open(image).linear(1.3, 0)],
    [
      'tint',
      { ...PLAIN, tint: [0.8, 1, 1.2] as const },
      (image: PixelImage) => open(image).linear([0.8, 1, 1.2], [0, 0, 0]),
    ],
    [
      'saturation',
      { ...PLAIN, saturation: 0.4 },
      (image: PixelImage) =>
        open(image).recomb([
          [0.4 + 0.6 * 0.299, 0.6 * 0.587, 0.6 * 0.114],
          [0.6 * 0.299, 0.4 + 0.6 * 0.587, 0.6 * 0.114],
          [0.6 * 0.299, 0.6 * 0.587, 0.4 + 0.6 * 0.114],
        ]),
    ],
  ] as const)('changes %s as libvips does', async (_, change, reference) => {
    const image = noise(40, 32);
    const expected = await reference(image).raw().toBuffer();
    changeColour(image, change);
    // libvips cuts fractions off.
    expect(worstDifference(image.data, expected)).toBeLessThanOrEqual(1);
  });

  it('moves values away from the mean grey for contrast', () => {
    const image = paint(2, 1, (x) => (x < 1 ? 80 : 120));
    changeColour(image, { ...PLAIN, contrast: 1.5 });
    expect([pixel(image, 0, 0), pixel(image, 1, 0)]).toEqual([
      [70, 70, 70],
      [130, 130, 130],
    ]);
  });

  it('takes the mean for contrast after brightness', () => {
    const image = paint(2, 1, (x) => (x < 1 ? 80 : 120));
    changeColour(image, { ...PLAIN, brightness: 0.5, contrast: 1.5 });
    expect([pixel(image, 0, 0)[0], pixel(image, 1, 0)[0]]).toEqual([35, 65]);
  });

  it('stays within 0..255', () => {
    const image = paint(2, 1, (x) => (x < 1 ? 10 : 250));
    changeColour(image, { ...PLAIN, contrast: 2 });
    expect([pixel(image, 0, 0)[0], pixel(image, 1, 0)[0]]).toEqual([0, 255]);
  });
});

describe('blur', () => {
  it.each([0.4, 1, 2.3])('is a Gaussian of σ = %d, as the sum over two dimensions', (sigma) => {
    const image = noise(15, 13);
    const { width, height } = image;
    const before = copyOf(image);
    blur(image, sigma);
    const expected = new Float64Array(image.data.length);
    const reach = 12;
    for (let at = 0; at < expected.length; at++) {
      const [c, column, row] = [at % 3, Math.floor(at / 3) % width, Math.floor(at / 3 / width)];
      let [sum, weights] = [0, 0];
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
          const x = Math.min(width - 1, Math.max(0, column + dx));
          const y = Math.min(height - 1, Math.max(0, row + dy));
          sum += weight * before.data[(y * width + x) * 3 + c]!;
          weights += weight;
        }
      }
      expected[at] = sum / weights;
    }
    expect(worstDifference(image.data, expected)).toBeLessThanOrEqual(1.1);
  });
});

describe('lowerResolution', () => {
  it('leaves what few pixels can show, and no more', () => {
    const fine = paint(64, 64, (x) => (Math.floor(x) % 2 === 0 ? 0 : 200));
    const coarse = paint(64, 64, (x, y) => 2 * x + y);
    const before = copyOf(coarse);
    lowerResolution(fine, 0.25);
    lowerResolution(coarse, 0.25);
    expect(Math.abs(pixel(fine, 30, 30)[0]! - 100)).toBeLessThanOrEqual(8);
    const inner = (image: PixelImage) => [10, 30, 50].map((at) => pixel(image, at, at)[0]!);
    expect(worstDifference(inner(coarse), inner(before))).toBeLessThanOrEqual(2);
  });

  it('is the enlargement of the mean at one pixel', () => {
    const image = paint(16, 16, (x) => (x < 8 ? 0 : 100));
    lowerResolution(image, 0.02);
    expect(new Set(image.data).size).toBe(1);
    expect(Math.abs(image.data[0]! - 50)).toBeLessThanOrEqual(1);
  });
});

describe('compress', () => {
  it.each([30, 90])('gives what a JPEG of quality %i holds', async (quality) => {
    const image = smooth();
    const file = await open(image).jpeg({ quality }).toBuffer();
    const expected = await sharp(file).raw().toBuffer();
    await compress(image, quality);
    expect(worstDifference(image.data, expected)).toBe(0);
  });
});

describe('erase', () => {
  const erased = (seed: number, area: [number, number], ratio: [number, number]) => {
    const image = paint(100, 80, () => 0);
    erase(image, { area, ratio }, seed);
    const hit: [number, number][] = [];
    for (let y = 0; y < 80; y++) {
      for (let x = 0; x < 100; x++) if (pixel(image, x, y).some((value) => value > 0)) hit.push([x, y]);
    }
    const range = (axis: 0 | 1) => {
      const values = hit.map((at) => at[axis]);
      return Math.max(...values) - Math.min(...values) + 1;
    };
    return { image, count: hit.length, width: range(0), height: range(1) };
  };

  it.each([1, 2, 3, 4, 5, 6])('covers one rectangle of an area and a ratio in range: seed %i', (seed) => {
    const { count, width, height } = erased(seed, [0.1, 0.3], [0.5, 2]);
    // Noise of three zeros is rare: the rectangle is whole.
    expect(count).toBeGreaterThanOrEqual(width * height - 2);
    expect((width * height) / 8000).toBeGreaterThan(0.09);
    expect((width * height) / 8000).toBeLessThan(0.31);
    expect(height / width).toBeGreaterThan(0.48);
    expect(height / width).toBeLessThan(2.1);
  });

  it('fills it with noise of all values', () => {
    const { image } = erased(1, [0.5, 0.5], [0.8, 0.8]);
    const values = image.data.filter((value) => value > 0);
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(128, -1);
    expect(new Set(values).size).toBe(255);
  });

  it('leaves a picture that no rectangle fits into', () => {
    const image = paint(100, 2, () => 7);
    erase(image, { area: [0.9, 0.9], ratio: [50, 60] }, 1);
    expect(new Set(image.data)).toEqual(new Set([7]));
  });
});

describe('mixup', () => {
  it('pairs every sample with another, but for one of an odd number', () => {
    const { partner, lambda } = drawMix(7, 0.4, new Random(3));
    const alone = [...partner].filter((other, i) => other === i);
    expect(alone.length).toBe(1);
    partner.forEach((other, i) => {
      expect([partner[other], lambda[other]]).toEqual([i, lambda[i]]);
      if (other === i) expect(lambda[i]).toBe(1);
    });
  });

  it('blends rows by λ of themselves and the rest of their partners', () => {
    const mix = { partner: Uint32Array.of(2, 1, 0), lambda: Float32Array.of(0.75, 1, 0.75) };
    const values = Float32Array.of(0, 4, 5, 6, 8, 12);
    mixRows(values, 2, mix);
    expect([...values]).toEqual([2, 6, 5, 6, 6, 10]);
  });

  it('makes a distribution of an interval before it blends', () => {
    const mix = { partner: Uint32Array.of(1, 0), lambda: Float32Array.of(0.5, 0.5) };
    const targets = Float32Array.of(1, 1, 0, 0, 0, 1);
    mixTargets(targets, 3, mix);
    expect([...targets]).toEqual([0.25, 0.25, 0.5, 0.25, 0.25, 0.5]);
  });

  it('leaves no label if one of a pair has none, and others alone', () => {
    const mix = { partner: Uint32Array.of(1, 0, 2), lambda: Float32Array.of(0.5, 0.5, 1) };
    const targets = Float32Array.of(0, 0, 0, 1, 1, 1);
    mixTargets(targets, 2, mix);
    expect([...targets]).toEqual([0, 0, 0, 0, 1, 1]);
  });
});

describe('tensorWriter', () => {
  it('writes bytes as preprocessing does', () => {
    const image = noise(SPEC.width, SPEC.height);
    const spec: InputSpec = { ...SPEC, mean: [1, 2, 3], scale: [0.5, 0.25, 0.3] };
    const [expected, out] = [new Float32Array(inputSize(spec)), new Float32Array(inputSize(spec))];
    preprocess(image, null, spec, expected);
    tensorWriter(spec)(image, out, 0);
    expect(out).toEqual(expected);
  });
});
