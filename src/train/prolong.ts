/** More epochs for a run that is done: a copy of its last stage, which its recipe records as any other stage. */
import { isDeepStrictEqual } from 'node:util';
import { readRunFacts, writeRecipe } from './log/index.js';
import { inOwnFolder } from './own-folder.js';
import type { Recipe, Stage } from './recipe/index.js';
import { loadProgress, memberFolder } from './run-folder.js';
import { TrainingError } from './training-error.js';

/**
 * Adds a copy of the last stage, with `epochs` epochs, to the recipe of a run, or of an ensemble and all its members.
 * Resuming then finds a stage that has not started: its schedule starts from the beginning, and the optimizer's moments
 * are reset. If killed between members, it can be called again to finish.
 * @throws TrainingError if a run is not finished; LogError and CheckpointError if the folder, or a member's, holds no run.
 */
export async function prolong(folder: string, epochs: number): Promise<void> {
  const { recipe } = await readRunFacts(folder);
  const longer = prolonged(recipe, epochs);
  if (recipe.members === 1) {
    await inOwnFolder(folder, () => record(folder, longer));
    return;
  }
  for (let member = 1; member <= recipe.members; member++) {
    const own = memberFolder(folder, member);
    await inOwnFolder(own, async () => {
      const { recipe: found } = await readRunFacts(own);
      await record(own, { ...longer, members: 1, seed: found.seed, data: found.data });
    });
  }
  await inOwnFolder(folder, () => writeRecipe(folder, longer));
}

/** The recipe with a copy of its last stage at the end: `finish-2` after `finish`, then `finish-3`. */
export function prolonged(recipe: Recipe, epochs: number): Recipe {
  const last = recipe.stages.at(-1)!;
  return { ...recipe, stages: [...recipe.stages, { ...last, name: nameAfter(recipe.stages), epochs }] };
}

function nameAfter(stages: readonly Stage[]): string {
  const base = stages.at(-1)!.name.replace(/-\d+$/, '');
  const taken = new Set(stages.map(({ name }) => name));
  let count = 2;
  while (taken.has(`${base}-${count}`)) count++;
  return `${base}-${count}`;
}

async function record(folder: string, longer: Recipe): Promise<void> {
  const { recipe } = await readRunFacts(folder);
  if (isDeepStrictEqual(recipe.stages, longer.stages)) return;
  const { progress } = await loadProgress(folder);
  if (progress.stage < recipe.stages.length) {
    throw new TrainingError(
      `Run '${folder}' is expected to be done before it is prolonged, found ${progress.stage} of ${recipe.stages.length} stages done; agewise train --resume ${folder} continues it`,
      { kind: 'usage' },
    );
  }
  await writeRecipe(folder, longer);
}
