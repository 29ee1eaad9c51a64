import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { testInput } from '../metadata/testing.js';
import { flipImage, flipTensor } from './flip.js';
import { inputSize, preprocess } from './preprocess.js';
import { noise } from './testing.js';

describe('flipImage', () => {
  it.each([
    [8, 3],
    [7, 2],
    [1, 4],
  ])('mirrors %i×%i as sharp does and leaves the given picture alone', async (width, height) => {
    const image = noise(width, height);
    const before = image.data.slice();
    const theirs = await sharp(image.data, { raw: { width, height, channels: 3 } })
      .flop()
      .raw()
      .toBuffer();
    expect(flipImage(image)).toEqual({ width, height, data: new Uint8Array(theirs) });
    expect(image.data).toEqual(before);
  });
});

describe('flipTensor', () => {
  it.each(['NCHW', 'NHWC'] as const)(
    'of %s is the tensor of the mirrored picture, its neighbours untouched',
    (layout) => {
      const spec = testInput({
        ...{ width: 9, height: 6, color: 'BGR', layout, crop: 'stretch' },
        ...{ mean: [10, 20, 30], scale: [1, 2, 3] },
      });
      const image = noise(9, 6);
      const size = inputSize(spec);
      const batch = new Float32Array(3 * size);
      for (let i = 0; i < 3; i++) preprocess(image, null, spec, batch, i * size);
      const expected = batch.slice();
      preprocess(flipImage(image), null, spec, expected, size);
      expect(expected).not.toEqual(batch);
      flipTensor(batch, size, spec);
      expect(batch).toEqual(expected);
    },
  );
});
