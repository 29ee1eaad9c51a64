/** Mean and deviation of a run's faces, if its recipe normalizes by the data. */
import { Loader, readLabels } from '../data/index.js';
import type { InputSpec } from '../metadata/index.js';
import { Random } from '../random/index.js';
import { recordedBoxes } from './crop.js';
import { firstGraph } from './first-graph.js';
import type { Recipe } from './recipe/index.js';
import type { RunData } from './run-data.js';
import type { TrainOptions } from './train-options.js';

/** The number of training faces, chosen by the seed, that determine the mean to a tenth of a level. */
const FACES = 4096;
const BATCH = 32;
/** Separates their selection from other random choices. */
const NORMALIZE = 0x0404;
/** In levels of 256: the scale of a channel without any contrast would be infinite. */
const LEAST_DEVIATION = 1;

type Triple = readonly [number, number, number];

/**
 * The recipe with the mean and scale that were measured, in the channels' order of the network: as faces are cropped, over all
 * of their pixels, without augmentation. Another recipe is unchanged.
 */
export async function withNormalization(
  recipe: Recipe,
  { stores, train }: Pick<RunData, 'stores' | 'train'>,
  options: TrainOptions,
): Promise<Recipe> {
  if (recipe.input.normalize === 'network') return recipe;
  const { input } = (await firstGraph(recipe, options)).assembled;
  const rows = new Random(recipe.seed, NORMALIZE).shuffle(Uint32Array.from(train)).slice(0, FACES).sort();
  const plain: InputSpec = { ...input, mean: [0, 0, 0], scale: [1, 1, 1], layout: 'NCHW' };
  const labels = await readLabels(stores, rows, recordedBoxes(recipe));
  const loader = await Loader.create(stores, { input: plain, batch: BATCH, labels, sampling: 'stored' });
  const sums = [0, 0, 0];
  const squares = [0, 0, 0];
  const pixels = input.width * input.height;
  try {
    for await (const { images, rows: batch } of loader.batches({ epochs: 1 })) {
      for (let face = 0; face < batch.length; face++) {
        for (let channel = 0; channel < 3; channel++) {
          const start = (3 * face + channel) * pixels;
          for (let i = start; i < start + pixels; i++) {
            sums[channel]! += images[i]!;
            squares[channel]! += images[i]! ** 2;
          }
        }
      }
    }
  } finally {
    await loader.close();
  }
  const count = rows.length * pixels;
  const rounded = (value: number) => Number(value.toPrecision(6));
  const mean = sums.map((sum) => rounded(sum / count)) as unknown as Triple;
  const scale = squares.map((square, channel) => {
    const variance = square / count - (sums[channel]! / count) ** 2;
    return rounded(1 / Math.max(LEAST_DEVIATION, Math.sqrt(Math.max(0, variance))));
  }) as unknown as Triple;
  return { ...recipe, input: { ...recipe.input, normalize: 'network', mean: [...mean], scale: [...scale] } };
}
