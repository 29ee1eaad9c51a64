/** A store of plain pictures whose brightness is an age, and runs on it that take moments. */
import sharp from 'sharp';
import { StoreWriter } from '../../src/data/index.js';
import { type RecipeDocument, recipeSchema } from '../../src/train/recipe/schema.js';
import { train } from '../../src/train/train.js';

const FACES = 48;
export const SIDE = 32;

/** Writes the store into a new folder. */
export async function writeGreyStore(folder: string): Promise<string> {
  const writer = await StoreWriter.create(folder, {
    origin: { id: 'grey', title: 'Grey', homepage: '', citation: '', terms: 'none', labels: 'exact age' },
    options: { reader: {}, cleaning: {}, pictures: { size: null, quality: null, crop: null } },
  });
  for (let row = 0; row < FACES; row++) {
    const age = (row * 37) % 80;
    const gender = row % 2 === 0 ? 'male' : 'female';
    const background = { r: 20 + 2.5 * age, g: gender === 'male' ? 220 : 30, b: 20 + 2.5 * age };
    const image = await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background } })
      .png()
      .toBuffer();
    await writer.append({ path: `${row}.png`, image, age: { age }, gender });
  }
  await writer.finish({ threshold: 0, groups: [] });
  return folder;
}

/** Trains a small network into a new folder: for age and gender, unless the changes say otherwise. */
export async function trainSmallRun(
  folder: string,
  store: string,
  changes: Partial<RecipeDocument> = {},
): Promise<string> {
  const recipe = recipeSchema.parse({
    name: 'grey',
    title: 'Grey faces',
    source: 'none',
    reports: 'nothing',
    network: { name: 'small-cnn' },
    input: { size: SIDE },
    heads: { age: {}, gender: {} },
    data: { split: { name: 'shares', shares: { train: 0.75, validation: 0.25 }, stratify: false } },
    batch: 12,
    stages: [{ name: 'fit', epochs: 2, rate: 0.003, optimizer: { kind: 'adamw' } }],
    ...changes,
  });
  await train(recipe, folder, store, { threads: 1 });
  return folder;
}
