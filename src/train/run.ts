/** One run: a network trained in a folder of its own, from the beginning or from where it was left. */
import type { Tensor } from '../onnx/index.js';
import type { SessionOptions } from '../runtime/index.js';
import { withCrop } from './crop.js';
import { firstGraph } from './first-graph.js';
import { type Assembled, parameterCount, readAssembled, writeAssembled } from './graph/index.js';
import { addStart, RunLog, readRunFacts, writeRunPage } from './log/index.js';
import { trainingLoop } from './loop.js';
import { withNormalization } from './normalize.js';
import type { Recipe } from './recipe/index.js';
import { recordFacts, startFacts } from './recorded-facts.js';
import { openRunData, type RunData, reopenRunData } from './run-data.js';
import {
  BEGINNING,
  loadProgress,
  type RunProgress,
  runFiles,
  saveProgress,
  weightsIn,
} from './run-folder.js';
import { startLoaders } from './run-loaders.js';
import { refuseSeenTests } from './seen-tests.js';
import type { Member, RunOutcome, TrainOptions } from './train-options.js';

/** Starts a run in an empty folder. */
export async function startRun(
  given: Recipe,
  folder: string,
  options: TrainOptions,
  member: Member,
): Promise<RunOutcome> {
  const data = await openRunData(given);
  if (data.notice !== undefined && member.members === 1) options.onNotice?.(data.notice);
  try {
    const cropped = await withCrop(given, data.stores, options.onNotice);
    const recipe = await withNormalization(cropped, data, options);
    const { assembled: built, weights: state, learntBefore } = await firstGraph(recipe, options);
    await refuseSeenTests(recipe, data, learntBefore ?? []);
    await saveProgress(folder, state, BEGINNING);
    const { graph } = runFiles(folder);
    await writeAssembled(graph, built);
    // The last of the files needed to resume a run.
    await recordFacts(folder, recipe, data, options, learntBefore);
    // Read back from the file, as when resuming: another order of constants could change the rounding of sums.
    const assembled = await readAssembled(graph);
    return await trainOn(recipe, { folder, assembled, state, progress: BEGINNING }, data, options, member);
  } finally {
    await data.stores.close();
  }
}

/**
 * Resumes the run in a folder; a finished run is left unchanged.
 * @param stores the folders of its stores
 */
export async function continueRun(
  folder: string,
  stores: readonly string[],
  options: TrainOptions,
  member: Member,
): Promise<RunOutcome> {
  const facts = await readRunFacts(folder);
  const { state, progress } = await loadProgress(folder);
  const files = runFiles(folder);
  const assembled = await readAssembled(files.graph);
  weightsIn(assembled, state, files.last);
  if (progress.stage === facts.recipe.stages.length) return { folder, progress, done: true };
  const data = await reopenRunData(facts, { folders: stores });
  try {
    await addStart(folder, await startFacts(options));
    return await trainOn(facts.recipe, { folder, assembled, state, progress }, data, options, member);
  } finally {
    await data.stores.close();
  }
}

/** A run as stored in its folder. */
interface SavedRun {
  readonly folder: string;
  readonly assembled: Assembled;
  readonly state: ReadonlyMap<string, Tensor>;
  readonly progress: RunProgress;
}

async function trainOn(
  recipe: Recipe,
  { folder, assembled, state, progress }: SavedRun,
  data: RunData,
  options: TrainOptions,
  member: Member,
): Promise<RunOutcome> {
  const { device = 'cpu', threads, signal, onStart, onStep, onEntry } = options;
  const session: SessionOptions = { device, ...(threads !== undefined && { threads }) };
  const log = await RunLog.open(folder, { step: progress.step });
  try {
    const loaders = await startLoaders(recipe, assembled, data);
    try {
      onStart?.({
        folder,
        description: assembled.description,
        recipe,
        ...member,
        faces: { train: data.train.length, validation: data.validation.length },
        parameters: parameterCount(assembled),
        step: progress.step,
      });
      const end = await trainingLoop({
        recipe,
        assembled,
        loaders,
        folder,
        state,
        progress,
        session,
        signal,
        onStep,
        async log(entry) {
          await log.write(entry);
          onEntry?.(entry);
          if (entry.kind === 'epoch') await writeRunPage(folder);
        },
      });
      await writeRunPage(folder);
      return { folder, progress: end, done: end.stage === recipe.stages.length };
    } finally {
      await loaders.close();
    }
  } finally {
    await log.close();
  }
}
