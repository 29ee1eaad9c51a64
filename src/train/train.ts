/** Training: a recipe, stores and a folder become a run or an ensemble, from the beginning or from where it was left. */
import { trainEnsemble } from './ensemble.js';
import { readRunFacts } from './log/index.js';
import { fillEmptyFolder, inOwnFolder } from './own-folder.js';
import { prolong } from './prolong.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import { continueRun, startRun } from './run.js';
import { foldersOf, withFolders } from './store-folders.js';
import type { Member, RunOutcome, TrainOptions } from './train-options.js';

const ALONE: Member = { member: 1, members: 1 };

/**
 * Trains a recipe into a new folder. An ensemble's folder may contain members of the same recipe, which are skipped if
 * done, else resumed. If training fails before the first update, the folder is unchanged.
 * @param folders of the stores; default: the recipe's
 * @returns the outcome of each member that was trained, or started before the signal
 * @throws TrainingError if the folder already holds a run, another process works in it, or training fails; RecipeError, DataError, WeightsError, LogError and CheckpointError for what their names say.
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
    fillEmptyFolder(folder, options, async (watched) => [await startRun(whole, folder, watched, ALONE)]),
  );
}

export interface ResumeOptions extends TrainOptions {
  /** The present folders of the run's stores; default: the recorded ones. */
  readonly folders?: readonly string[] | undefined;
  /** Epochs by which to prolong a finished run, as a copy of its last stage, which its recipe records. */
  readonly prolong?: number | undefined;
}

/**
 * Resumes a run. Its recipe stays the same, except for a stage that prolongs it; device and threads may differ.
 * @throws as `train`; LogError or CheckpointError if the folder holds no run.
 */
export async function resume(folder: string, options: ResumeOptions = {}): Promise<RunOutcome[]> {
  if (options.prolong !== undefined) await prolong(folder, options.prolong);
  const facts = await readRunFacts(folder);
  const recipe = await withFolders(facts.recipe, options.folders ?? []);
  if (recipe.members > 1) return trainEnsemble(recipe, folder, options);
  return inOwnFolder(folder, async () => [await continueRun(folder, foldersOf(recipe), options, ALONE)]);
}
