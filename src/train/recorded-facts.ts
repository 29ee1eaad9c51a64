/** What a run records of itself before its first step. */

import { isDeepStrictEqual } from 'node:util';
import { maskAddressesIn } from '../errors/index.js';
import type { TrainingOrigin } from '../metadata/index.js';
import { type RunFacts, writeRunFacts } from './log/index.js';
import type { Recipe } from './recipe/index.js';
import { digestOf, type RunData, withStoredSplit } from './run-data.js';
import { withoutFolders } from './store-folders.js';
import { chooseTarget } from './target.js';
import type { TrainOptions } from './train-options.js';
import { TrainingError } from './training-error.js';

/** Writes the facts of a new run; its recipe is recorded with the split of its stores. */
export async function recordFacts(
  folder: string,
  recipe: Recipe,
  data: RunData,
  options: TrainOptions,
  learntBefore?: readonly TrainingOrigin[],
): Promise<void> {
  const { stores, split, splits, learnt, train, validation, learntParts } = data;
  await writeRunFacts(folder, {
    recipe: withStoredSplit(recipe, data),
    seed: recipe.seed,
    stores: stores.stores.map(({ folder, info: { id, title, terms, fingerprint, rows } }) => {
      return { folder, id, title, terms, fingerprint, rows };
    }),
    split: {
      name: split,
      counts: { [learnt]: train.length, [recipe.data.validation]: validation.length },
      sha256: digestOf(data),
      learnt: [...learntParts],
      ...splits[0],
    },
    ...(learntBefore && { backboneTrainedOn: learntBefore }),
    ...(await startFacts(options)),
  });
}

/** The facts of one start of a run. */
export const startFacts = async ({ device = 'cpu', command = [] }: TrainOptions) => ({
  // Runs are shared, and passwords are not.
  command: command.map(maskAddressesIn),
  device,
  target: await chooseTarget(device),
});

/**
 * @param data opened for the recipe
 * @throws TrainingError if the run in the folder has another recipe; the location of its stores does not matter.
 */
export function mustBeOf(recipe: Recipe, data: RunData, folder: string, { recipe: found }: RunFacts): void {
  const accepted = [recipe, withStoredSplit(recipe, data)].map(withoutFolders);
  if (accepted.some((form) => isDeepStrictEqual(form, withoutFolders(found)))) return;
  throw new TrainingError(
    found.name === recipe.name
      ? `Folder '${folder}' holds a run of '${found.name}' with other values in its recipe.yaml`
      : `Folder '${folder}' holds a run of '${found.name}', expected one of '${recipe.name}'`,
    { kind: 'usage' },
  );
}
