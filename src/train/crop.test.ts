/** The crop of a run's model, from what its stores say of their pictures. */
import { describe, expect, it } from 'vitest';
import { GREY_RECIPE } from '../../test/support/small-run.js';
import type { Framing, StoreInfo, StoreUnion } from '../data/index.js';
import { withCrop } from './crop.js';
import { type RecipeDocument, recipeSchema } from './recipe/schema.js';

const about = (median: number, width = 0.1) => ({
  low: median - width / 2,
  median,
  high: median + width / 2,
});
const framing = (margin: number, down = 0, found = 50, width = 0.1): Framing => ({
  looked: 50,
  found,
  ...{ margin: about(margin, width), right: about(0), down: about(down) },
});

type Crop = StoreInfo['options']['pictures']['crop'];
const cutOut = (margin: number): Crop => ({ by: 'detector', margin, alignment: 'none' });

/** Stores of that framing, whose pictures are whole, or of that crop. */
const stores = (...given: { framing?: Framing; crop?: Crop }[]): StoreUnion => {
  const list = given.map(({ framing, crop = null }, i) => ({
    folder: `store${i}`,
    info: {
      ...{ rows: 9, framing, labelled: { faceBox: crop ? 9 : 0 } },
      options: { pictures: { crop } },
    },
  }));
  return { stores: list, infos: list.map(({ info }) => info) } as unknown as StoreUnion;
};

const settled = async (
  input: RecipeDocument['input'],
  union: StoreUnion,
  list?: NonNullable<RecipeDocument['data']>['stores'],
) => {
  const recipe = recipeSchema.parse({ ...GREY_RECIPE, input, data: list ? { stores: list } : {} });
  const { margin, offset } = (await withCrop(recipe, union)).input;
  return { margin, offset };
};

describe('the crop of a run', () => {
  it('is what was measured where pictures are used whole and the recipe states none', async () => {
    const union = stores({ framing: framing(-0.04, 0.08) });
    expect(await settled({}, union)).toEqual({ margin: -0.04, offset: [0, 0.08] });
    expect(await settled({ margin: -0.03 }, union)).toEqual({ margin: -0.03, offset: [0, 0.08] });
  });

  it('is refused where it is not what was measured, or cannot be known', async () => {
    await expect(settled({ margin: 0.4 }, stores({ framing: framing(-0.04) }))).rejects.toThrow(
      "Recipe 'grey': input.margin: expected -0.04, as measured of the pictures of 'store0', found 0.4",
    );
    for (const unknown of [framing(0, 0, 20), framing(0, 0, 50, 0.4), { looked: 50, found: 0 }]) {
      await expect(settled({}, stores({ framing: unknown }))).rejects.toThrow(
        /input\.margin: expected the margin of the pictures of 'store0', .* found none/,
      );
      expect(await settled({ margin: 0.2 }, stores({ framing: unknown }))).toEqual({ margin: 0.2 });
    }
  });

  it('is a square of pictures that are square and used whole, which stretching leaves as they are', async () => {
    const square = { ...framing(0.1), aspect: about(1, 0.01) };
    const cropOf = async (...given: Parameters<typeof stores>) => {
      const recipe = recipeSchema.parse({ ...GREY_RECIPE, input: { crop: 'stretch' } });
      return (await withCrop(recipe, stores(...given))).input.crop;
    };
    expect(await cropOf({ framing: square })).toBe('square');
    expect(await cropOf({ crop: cutOut(0.4) })).toBe('stretch');
    await expect(cropOf({ framing: { ...square, aspect: about(0.8, 0.1) } })).rejects.toThrow(
      "Recipe 'grey': input.crop: expected square, since the pictures of 'store0' are used whole, which are not square",
    );
    await expect(cropOf({ framing: square }, { crop: cutOut(0.4) })).rejects.toThrow(
      'others have boxes of faces',
    );
  });

  it('lies within what was cut out', async () => {
    expect(await settled({}, stores({ crop: cutOut(0.5) }))).toEqual({ margin: 0.4 });
    expect(await settled({}, stores({ crop: cutOut(0) }))).toEqual({ margin: 0 });
    await expect(settled({ margin: 0.4 }, stores({ crop: cutOut(0) }))).rejects.toThrow(
      'input.margin: expected at most 0, as faces were cut out, found 0.4',
    );
  });

  it('may differ from a store whose margin the recipe states, as it was measured', async () => {
    const union = stores({ crop: cutOut(0.35) }, { framing: framing(-0.04, 0.08) });
    const mixed = (margin?: number) => [{ id: 'a' }, { id: 'b', ...(margin !== undefined && { margin }) }];
    expect(await settled({ margin: 0.1 }, union, mixed(-0.03))).toEqual({ margin: 0.1 });
    await expect(settled({ margin: 0.1 }, union, mixed(0.2))).rejects.toThrow(
      "data.stores: expected a margin of -0.04 of 'store1', as measured, found 0.2",
    );
    await expect(settled({ margin: 0.1 }, union, mixed())).rejects.toThrow('expected -0.04, as measured');
  });
});
