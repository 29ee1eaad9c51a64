/** Resize against central differences. */
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../../test/support/gradcheck.js';
import { float32 } from '../../onnx/index.js';

const linear = { precision: 'float32', step: 0.5, tolerance: 1e-4 } as const;
const transformations = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'] as const;
const sizes = [
  [10, 12],
  [3, 4],
  [8, 3],
  [7, 5],
  [1, 15],
] as const;

describe('the gradient of Resize', () => {
  for (const coordinate_transformation_mode of transformations) {
    it.each(sizes)(`linear, ${coordinate_transformation_mode}, to %i × %i`, async (height, width) => {
      const error = await gradientError({
        variables: { x: { dims: [2, 2, 5, 6], declared: [2, 2, 5, 6] } },
        build: (g, { x }) =>
          g.op('Resize', [x, undefined, undefined, g.ints([2, 2, height, width])], {
            mode: 'linear',
            coordinate_transformation_mode,
          }),
        ...linear,
      });
      expect(error).toBeLessThan(1);
    });

    it.each(['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'])(
      `nearest, ${coordinate_transformation_mode}, %s`,
      async (nearest_mode) => {
        for (const [height, width] of sizes) {
          const error = await gradientError({
            variables: { x: { dims: [2, 2, 5, 6] } },
            build: (g, { x }) =>
              g.op('Resize', [x, undefined, undefined, g.ints([2, 2, height, width])], {
                mode: 'nearest',
                coordinate_transformation_mode,
                nearest_mode,
              }),
            ...linear,
          });
          expect(error).toBeLessThan(1);
        }
      },
    );
  }

  it.each([
    [2, 2],
    [1.5, 0.7],
    [0.3, 2.4],
  ])('by scales of %d and %d, of any number of images', async (height, width) => {
    for (const mode of ['linear', 'nearest']) {
      const error = await gradientError({
        variables: { x: { dims: [3, 2, 5, 6], declared: ['N', 2, 5, 6] } },
        build: (g, { x }) => {
          const scales = g.constant(float32('', [4], [1, 1, height, width]));
          return g.op('Resize', [x, undefined, scales], { mode });
        },
        ...linear,
      });
      expect(error).toBeLessThan(1);
    }
  });

  it('does not know cubic interpolation', async () => {
    const build = gradientError({
      variables: { x: { dims: [1, 1, 4, 4] } },
      build: (g, { x }) =>
        g.op('Resize', [x, undefined, undefined, g.ints([1, 1, 8, 8])], { mode: 'cubic' }, { name: 'up' }),
      ...linear,
    });
    await expect(build).rejects.toThrow("The gradient of Resize 'up': mode 'cubic' is not supported");
  });
});
