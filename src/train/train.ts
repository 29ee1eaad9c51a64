/** Training: a recipe, stores and a folder become a run or an ensemble, from the beginning or from where it was left. */
import { trainEnsemble } from './ensemble.js';
import { readRunFacts } from './log/index.js';
import { filling, inOwnFolder } from './own-folder.js';
import { prolong } from './prolong.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import { beginRun, continueRun } from './run.js';
import { foldersOf, withFolders } from './run-data.js';
import type { Member, RunOutcome, TrainOptions } from './train-options.js';

const ALONE: Member = { member: 1, members: 1 };

/**
 * Trains a recipe into a new folder. That of an ensemble may hold members of the same recipe, which are left as they
 * are or resumed. If it fails before the first update, the folder is as it was.
 * @param folders of the stores; those of the recipe if left out
 * @returns the outcome of each member that was trained, or begun before the signal
 * @throws TrainingError if the folder holds a run already, another process works in it, or training fails;
 *   RecipeError, DataError, WeightsError, LogError and CheckpointError as what they are named for.
 * @example
 * const recipe = await loadRecipe('finetune-hse-faceres');
 * await train(recipe, 'run', ['utkface.store'], {
 *   onEntry: (entry) => entry.kind === 'epoch' && console.log(entry.epoch, entry.validation?.mae), // in years
 * });
 * const { model } = await exportRuns(['run']);
 * await writeModelFile('faces.onnx', model);
 */
export async function train(
  recipe: Recipe,
  folder: string,
  folders: readonly string[] = [],
  options: TrainOptions = {},
): Promise<RunOutcome[]> {
  const whole = await withFolders(recipe, folders);
  const { member = 1 } = options;
  if (member > recipe.members) {
    throw new RecipeError(
      `Recipe '${recipe.name}': expected a member from 1 to ${recipe.members}, found ${member}`,
    );
  }
  if (recipe.members > 1) return trainEnsemble(whole, folder, options);
  return inOwnFolder(folder, () =>
    filling(folder, options, async (watched) => [await beginRun(whole, folder, watched, ALONE)]),
  );
}

export interface ResumeOptions extends TrainOptions {
  /** Where the stores of the run are now; where they were if left out. */
  readonly folders?: readonly string[] | undefined;
  /** Epochs by which a run that is done is prolonged: a copy of its last stage, which its recipe records. */
  readonly prolong?: number | undefined;
}

/**
 * Goes on with a run. What its recipe says stays, but for a stage that prolongs it; device and threads may be others.
 * @throws as `train`; LogError or CheckpointError if the folder holds no run.
 */
export async function resume(folder: string, options: ResumeOptions = {}): Promise<RunOutcome[]> {
  if (options.prolong !== undefined) await prolong(folder, options.prolong);
  const facts = await readRunFacts(folder);
  const recipe = await withFolders(facts.recipe, options.folders ?? []);
  if (recipe.members > 1) return trainEnsemble(recipe, folder, options);
  return inOwnFolder(folder, async () => [await continueRun(folder, foldersOf(recipe), options, ALONE)]);
}
