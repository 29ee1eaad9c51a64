/** A store of plain pictures whose brightness is an age, and runs on it that take moments. */
import sharp from 'sharp';
import { type Gender, StoreWriter } from '../../src/data/index.js';
import { checkRecipe, type RecipeDocument, train } from '../../src/train/index.js';

export const SIDE = 32;

export interface GreyFaces {
  readonly count?: number;
  /** In years. */
  readonly age?: (row: number) => number;
  readonly gender?: (row: number) => Gender | undefined;
}

/** Writes the store into a new folder. Default: 48 faces from 0 to 79, a man, a woman, a man, ... */
export async function writeGreyStore(
  folder: string,
  {
    count = 48,
    age = (row) => (row * 37) % 80,
    gender = (row) => (row % 2 === 0 ? 'male' : 'female'),
  }: GreyFaces = {},
): Promise<string> {
  const writer = await StoreWriter.create(folder, {
    origin: { id: 'grey', title: 'Grey', homepage: '', citation: '', terms: 'none', labels: 'exact age' },
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  for (let row = 0; row < count; row++) {
    const [years, known] = [age(row), gender(row)];
    const background = { r: 20 + 2.5 * years, g: known === 'male' ? 220 : 30, b: 20 + 2.5 * years };
    const image = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background } })
      .png()
      .toBuffer();
    await writer.append({ path: `${row}.png`, image, age: { age: years }, ...(known && { gender: known }) });
  }
  await writer.finish({ threshold: 0, groups: [] }, async () => ({
    framing: { looked: count, found: 0 },
  }));
  return folder;
}

/** A recipe for such a store: a small network for age and gender, in moments. */
export const GREY_RECIPE: RecipeDocument = {
  name: 'grey',
  title: 'Grey faces',
  source: 'none',
  reports: 'nothing',
  network: { name: 'small-cnn' },
  input: { size: SIDE, margin: 0.4 },
  heads: { age: {}, gender: {} },
  data: { split: { name: 'shares', shares: { train: 0.75, validation: 0.25 }, stratify: false } },
  batch: 12,
  stages: [{ name: 'fit', epochs: 2, rate: 0.003, optimizer: { kind: 'adamw' } }],
};

/** Trains it into a new folder, with changes. */
export async function trainSmallRun(
  folder: string,
  store: string,
  changes: Partial<RecipeDocument> = {},
): Promise<string> {
  await train(checkRecipe({ ...GREY_RECIPE, ...changes }, 'grey'), folder, [store], { threads: 1 });
  return folder;
}
