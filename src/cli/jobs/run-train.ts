/** Runs `agewise jobs train`: a recipe → a recipe for each member or fold. */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { makeFolders } from '../../files/index.js';
import type { TaskOf } from '../../jobs/index.js';
import { loadRecipe, type Recipe, type RecipeDocument } from '../../train/index.js';
import { UsageError } from '../usage.js';
import type { JobsTrainFlags } from './flags.js';
import { submitted } from './submitted.js';

/** @returns the exit code */
export async function submitTrain(name: string, flags: JobsTrainFlags): Promise<number> {
  const stores = (flags.data ?? []).map((store) => resolve(store));
  for (const store of stores) {
    if ((await stat(store).catch(() => undefined))?.isDirectory()) continue;
    throw new UsageError(`--data: expected a store, found nothing at '${store}'`);
  }
  const recipe = await loadRecipe(name, { set: flags.set ?? [] });
  const task: TaskOf<'train'> = {
    kind: 'train',
    of: flags.folds === undefined ? 'members' : 'folds',
    runs:
      flags.folds === undefined
        ? membersOf(recipe, flags.members ?? recipe.members)
        : foldsOf(recipe, flags.folds),
    stores,
    device: flags.device,
  };
  await makeFolders(flags.out);
  return submitted(flags, async () => task);
}

type Runs = TaskOf<'train'>['runs'];

const plain = (recipe: RecipeDocument) => JSON.parse(JSON.stringify(recipe)) as Runs[number]['recipe'];

/** With the same seeds as `agewise train`. */
const membersOf = (recipe: Recipe, count: number): Runs =>
  Array.from({ length: count }, (_, i) => ({
    name: `member-${i + 1}`,
    recipe: plain({ ...recipe, members: 1, seed: recipe.seed + i }),
  }));

/** Each fold is left out once; the next one is used for validation. */
const foldsOf = (recipe: Recipe, folds: number): Runs =>
  Array.from({ length: folds }, (_, i) => ({
    name: `fold-${i}`,
    recipe: plain({
      ...recipe,
      members: 1,
      data: {
        ...recipe.data,
        split: { name: 'folds', folds, stratify: true },
        train: folds === 2 ? `fold${(i + 1) % 2}` : { except: `fold${i}` },
        validation: `fold${folds === 2 ? i : (i + 1) % folds}`,
      },
    }),
  }));
