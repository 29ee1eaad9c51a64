/** An ensemble: members in folders of their own with seeds of their own, one after another or in several processes. */
import { rmdir } from 'node:fs/promises';
import { exists } from '../files/index.js';
import { withCrop } from './crop.js';
import { recordEnsembleFigures } from './ensemble-figures.js';
import { isRun, readRunFacts, writeEnsemblePage } from './log/index.js';
import { withNormalization } from './normalize.js';
import { emptyFolder, fillEmptyFolder, inOwnFolder, mustBeEmpty } from './own-folder.js';
import type { Recipe } from './recipe/index.js';
import { mustBeOf, recordFacts } from './recorded-facts.js';
import { continueRun, startRun } from './run.js';
import { openRunData, type RunData } from './run-data.js';
import { memberFolder } from './run-folder.js';
import { foldersOf } from './store-folders.js';
import type { RunOutcome, TrainOptions } from './train-options.js';

/** The time in ms within which another process must have created or found the ensemble. */
const PATIENCE = 60_000;

/** Trains the chosen members, or all: each is started, resumed or, if it is done, skipped. */
export async function trainEnsemble(
  given: Recipe,
  folder: string,
  options: TrainOptions,
): Promise<RunOutcome[]> {
  const { members, seed } = given;
  const { member: only } = options;
  const chosen = only === undefined ? Array.from({ length: members }, (_, i) => i + 1) : [only];
  const data = await openRunData(given);
  const recipe = await withCrop(given, data.stores, options.onNotice)
    .then((cropped) => withNormalization(cropped, data, options))
    .finally(() => data.stores.close());
  if (data.notice !== undefined) options.onNotice?.(data.notice);
  const wasThere = await exists(folder);
  const created = await inOwnFolder(folder, () => findOrCreate(recipe, data, folder, options), PATIENCE);
  const outcomes: RunOutcome[] = [];
  try {
    for (const member of chosen) {
      if (options.signal?.aborted) break;
      const own = memberFolder(folder, member);
      const position = { member, members };
      const memberRecipe = { ...recipe, members: 1, seed: seed + member - 1 };
      outcomes.push(
        await inOwnFolder(own, async () => {
          if (!(await isRun(own))) {
            return fillEmptyFolder(own, options, (watched) => startRun(memberRecipe, own, watched, position));
          }
          mustBeOf(memberRecipe, data, own, await readRunFacts(own));
          return continueRun(own, foldersOf(recipe), options, position);
        }),
      );
      await writeEnsemblePage(folder, await startedMembers(folder, members));
    }
    const started = await startedMembers(folder, members);
    if (started.length === members && outcomes.every(({ done }) => done) && !options.signal?.aborted) {
      await recordTogether(recipe, folder, started, options);
      await writeEnsemblePage(folder, started);
    }
  } catch (error) {
    if (created) await inOwnFolder(folder, () => undo(folder, members));
    if (!wasThere) await rmdir(folder).catch(() => {});
    throw error;
  }
  return outcomes;
}

/** Writes the figures of the ensemble. */
async function recordTogether(
  recipe: Recipe,
  folder: string,
  members: readonly string[],
  { device = 'cpu', threads }: TrainOptions,
): Promise<void> {
  const data = await openRunData(recipe);
  try {
    const session = { device, ...(threads !== undefined && { threads }) };
    await recordEnsembleFigures(folder, members, data, session);
  } finally {
    await data.stores.close();
  }
}

/** @returns whether the ensemble was created rather than found */
async function findOrCreate(
  recipe: Recipe,
  data: RunData,
  folder: string,
  options: TrainOptions,
): Promise<boolean> {
  if (await isRun(folder)) {
    mustBeOf(recipe, data, folder, await readRunFacts(folder));
    return false;
  }
  await mustBeEmpty(folder);
  await recordFacts(folder, recipe, data, options);
  return true;
}

/** Empties an ensemble's folder unless it contains a member, which another process may be about to start. */
async function undo(folder: string, members: number): Promise<void> {
  const folders = Array.from({ length: members }, (_, i) => memberFolder(folder, i + 1));
  if ((await Promise.all(folders.map(exists))).includes(true)) return;
  await emptyFolder(folder);
}

/** The folders of an ensemble's members that have started, including those trained by other processes. */
async function startedMembers(folder: string, members: number): Promise<string[]> {
  const folders = Array.from({ length: members }, (_, i) => memberFolder(folder, i + 1));
  const started = await Promise.all(folders.map(isRun));
  return folders.filter((_, i) => started[i]);
}
