/** The crop of a run's model, from what its stores say of their pictures. */
import { describe, expect, it } from 'vitest';
import { GREY_RECIPE } from '../../test/support/small-run.js';
import type { BoxFraming, Framing, Spread, StoreInfo, StoreUnion } from '../data/index.js';
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

const inBoxes = (width: number, down = 0, found = 50, spread = 0.1): BoxFraming => ({
  looked: 50,
  found,
  width: about(width, spread),
  height: about(1.1 * width, spread),
  right: about(0),
  down: about(down),
});

/** Stores of that framing, whose pictures are whole, of that crop, or of boxes that came with the set. */
const stores = (
  ...given: { framing?: Framing; crop?: Crop; boxes?: BoxFraming; room?: Spread }[]
): StoreUnion => {
  const list = given.map(({ framing, crop = null, boxes, room = about(4) }, i) => ({
    folder: `store${i}`,
    info: {
      ...{ rows: 9, framing, boxes, room, labelled: { faceBox: crop || boxes ? 9 : 0 } },
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

  it('is refused if it is not what was measured, or cannot be known', async () => {
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

  it('is refused if its centre is not where it was measured', async () => {
    const union = stores({ framing: framing(0.1, 0.08) });
    expect(await settled({ offset: [0, 0.1] }, union)).toEqual({ margin: 0.1, offset: [0, 0.1] });
    await expect(settled({ offset: [0.2, 0.08] }, union)).rejects.toThrow(
      "Recipe 'grey': input.offset: expected [0,0.08], as measured of the pictures of 'store0', found [0.2,0.08]",
    );
    const unknown = stores({ framing: framing(0, 0, 20) });
    expect(await settled({ margin: 0.1, offset: [0.2, 0] }, unknown)).toEqual({
      margin: 0.1,
      offset: [0.2, 0],
    });
  });

  it('is unknown where few faces were found, or they fill pictures unequally', async () => {
    await expect(settled({}, stores({ framing: framing(0, 0, 20) }))).rejects.toThrow(
      'do not show it by themselves (a face was found in 20 of 50); found none',
    );
    await expect(settled({}, stores({ framing: framing(0, 0, 50, 0.4) }))).rejects.toThrow(
      'do not show it by themselves (faces fill them unequally); found none',
    );
  });

  it('is a square for square pictures that are used whole, which stretching does not change', async () => {
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

  it('leaves most of a crop inside the pictures that faces were cut out of, or that are boxed', async () => {
    const boxes = { ...inBoxes(1), height: about(1) };
    const pictures = [{ crop: cutOut(0.4) }, { boxes }] as const;
    for (const picture of pictures) {
      const tight = stores({ ...picture, room: about(0.1) });
      expect(await settled({}, tight)).toEqual({ margin: 0.1 });
      expect(await settled({ margin: 0.14 }, tight)).toEqual({ margin: 0.14 });
      await expect(settled({ margin: 0.4 }, tight)).rejects.toThrow(
        "input.margin: expected at most 0.1, beyond which most of a crop lies outside the pictures of 'store0', found 0.4",
      );
      // Some faces lie near the edge of nearly every photograph.
      const photographs = stores({ ...picture, room: { low: 0.05, median: 0.6, high: 2 } });
      expect(await settled({}, photographs)).toEqual({ margin: 0.4 });
    }
    const inside = { ...inBoxes(0.5), height: about(0.5) };
    expect(await settled({}, stores({ boxes: inside, room: about(0.1) }))).toEqual({ margin: 0.4 });
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

  it('agrees with a store whose margin the recipe states, if no store has boxes', async () => {
    const ready = (...margins: number[]) => margins.map((margin, i) => ({ id: `${i}`, margin }));
    const one = stores({ framing: framing(0.2, 0.08) });
    expect(await settled({ margin: 0.21 }, one, ready(0.2))).toEqual({ margin: 0.21, offset: [0, 0.08] });
    await expect(settled({ margin: 0.4 }, one, ready(0.2))).rejects.toThrow(
      "input.margin: expected 0.2, as measured of the pictures of 'store0', found 0.4",
    );
    await expect(settled({ offset: [0, 0.2] }, one, ready(0.2))).rejects.toThrow(
      "input.offset: expected [0,0.08], as measured of the pictures of 'store0', found [0,0.2]",
    );
    await expect(
      settled({ margin: 0.4 }, stores({ framing: framing(0, 0, 20) }), ready(0.1)),
    ).rejects.toThrow(
      "input.margin: expected 0.1, as data.stores says of the pictures of 'store0', found 0.4",
    );
    const two = stores({ framing: framing(0.2) }, { framing: framing(0) });
    expect(await settled({ margin: 0 }, two, ready(0.2, 0))).toMatchObject({ margin: 0 });
    expect(await settled({}, two, ready(0.2, 0))).toMatchObject({ margin: 0.2 });
  });

  it('is refused if two stores of whole pictures disagree', async () => {
    await expect(settled({}, stores({ framing: framing(0.2) }, { framing: framing(0.4) }))).rejects.toThrow(
      "input.margin: expected 0.4, as measured of the pictures of 'store1', found 0.2 of those of 'store0'",
    );
  });

  describe('of boxes that came with the set', () => {
    const boxesIn = async (data: RecipeDocument['data'], union: StoreUnion) => {
      const recipe = recipeSchema.parse({ ...GREY_RECIPE, input: {}, data });
      return withCrop(recipe, union);
    };
    const known = (width: number, down: number) => ({
      scale: [width, Number((1.1 * width).toFixed(3))],
      offset: [0, down],
    });

    it("stays the usual one, around the detector's box, which is recorded as it was measured in theirs", async () => {
      const { data, input } = await boxesIn({}, stores({ boxes: inBoxes(0.8, 0.1) }));
      expect(input.margin).toBe(0.4);
      expect(data.boxes).toEqual(known(0.8, 0.1));
      const mixed = await boxesIn(
        { stores: [{ id: 'a' }, { id: 'b' }] },
        stores({ crop: cutOut(0.5) }, { boxes: inBoxes(0.8, 0.1) }),
      );
      expect(mixed.data.stores?.map(({ boxes }) => boxes)).toEqual([undefined, known(0.8, 0.1)]);
    });

    it("reports nothing of boxes that are the detector's, near enough", async () => {
      const near = { ...inBoxes(1.01), height: about(0.99) };
      expect((await boxesIn({}, stores({ boxes: near }))).data.boxes).toBeUndefined();
    });

    it('is refused if they show too little by themselves, until the recipe states them', async () => {
      for (const unknown of [inBoxes(1, 0, 20), inBoxes(1, 0, 50, 0.7), { looked: 50, found: 0 }]) {
        const union = stores({ boxes: unknown });
        await expect(boxesIn({}, union)).rejects.toThrow(
          /data\.boxes: expected where the detector's box lies in those of 'store0', .* found none/,
        );
        const stated = { scale: [0.9, 0.9] as [number, number] };
        expect((await boxesIn({ boxes: stated }, union)).data.boxes).toEqual({ ...stated, offset: [0, 0] });
      }
    });

    it("is refused if the recipe states others than were measured, or the boxes are no set's", async () => {
      await expect(boxesIn({ boxes: { scale: [1, 1] } }, stores({ boxes: inBoxes(0.8) }))).rejects.toThrow(
        /data\.boxes: expected {"scale":\[0\.8,0\.88\],.* of 'store0', as measured, found/,
      );
      await expect(boxesIn({ boxes: { scale: [1, 1] } }, stores({ crop: cutOut(0.4) }))).rejects.toThrow(
        "data.boxes: expected boxes that came with the set of 'store0', found the detector's",
      );
      await expect(boxesIn({ boxes: { scale: [1, 1] } }, stores({ framing: framing(0) }))).rejects.toThrow(
        'found pictures without boxes',
      );
    });

    it('lies within what was cut out around them', async () => {
      const crop = { by: 'label', margin: 0.2, alignment: 'none' } as const;
      const union = stores({ crop, boxes: { ...inBoxes(0.7), height: about(0.7) } });
      expect((await boxesIn({}, union)).input.margin).toBe(0.4);
      const narrow = stores({ crop, boxes: { ...inBoxes(1.25), height: about(1.25) } });
      expect((await boxesIn({}, narrow)).input.margin).toBe(0.06);
    });
  });
});
