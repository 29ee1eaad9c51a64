/** Runs: a recipe, a store and a folder, from the beginning or from where one was left. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { TransferProgress } from '../data/index.js';
import { exists } from '../files/index.js';
import { randomWeights } from '../networks/index.js';
import type { Device, SessionOptions } from '../runtime/index.js';
import {
  type Assembled,
  assemble,
  parameterCount,
  readAssembled,
  statedInput,
  weightNames,
  writeAssembled,
} from './graph/index.js';
import {
  addStart,
  isRun,
  type LogEntry,
  type RunFacts,
  RunLog,
  readRunFacts,
  writeEnsemblePage,
  writeRunFacts,
  writeRunPage,
} from './log/index.js';
import { type StepReport, TrainingError, trainingLoop } from './loop.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import {
  digestOf,
  foldersOf,
  openRunData,
  type RunData,
  reopenRunData,
  startLoaders,
  withFolders,
  withoutFolders,
} from './run-data.js';
import {
  BEGINNING,
  loadProgress,
  memberFolder,
  type RunProgress,
  runFiles,
  saveProgress,
  weightsIn,
} from './run-folder.js';
import { chooseTarget } from './target.js';
import { loadBackbone, weightSource } from './weights/index.js';

export interface TrainOptions {
  readonly device?: Device;
  /** Threads of the processor; default one for each core. */
  readonly threads?: number | undefined;
  /** Of an ensemble the one member to train, from 1; all one after another if left out. */
  readonly member?: number | undefined;
  /** Aborted, it ends the run after the update under way, its state saved. */
  readonly signal?: AbortSignal | undefined;
  /** The words of the command line, for the run's facts. */
  readonly command?: readonly string[];
  /** Is told what is about to be trained, of each member anew. */
  readonly onStart?: ((start: RunStart) => void) | undefined;
  readonly onStep?: ((report: StepReport) => void) | undefined;
  /** Is told whatever goes into the history. */
  readonly onEntry?: ((entry: LogEntry) => void) | undefined;
  /** Is told of weights that are fetched or left aside, and of a store that was divided otherwise. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Is told how far a file is that is fetched. */
  readonly onFetch?: ((progress: TransferProgress) => void) | undefined;
}

export interface RunStart {
  readonly folder: string;
  readonly description: string;
  readonly recipe: Recipe;
  /** Of an ensemble, from 1. */
  readonly member: number;
  readonly members: number;
  readonly faces: { readonly train: number; readonly validation: number };
  /** What gradients change, in numbers. */
  readonly parameters: number;
  /** Updates that were done before. */
  readonly step: number;
}

export interface RunOutcome {
  readonly folder: string;
  readonly progress: RunProgress;
  /** Whether all stages are over. */
  readonly done: boolean;
}

/**
 * Trains a recipe into a new folder. That of an ensemble may hold members of the same recipe, which are left as they are
 * or gone on with. Where it fails before the first update, the folder is as it was.
 * @param folders of the stores; those of the recipe if left out
 * @returns the outcome of each member that was trained, or begun before the signal
 * @throws TrainingError where the folder holds a run already, or training fails; RecipeError, DataError, WeightsError,
 *   LogError and CheckpointError as what they are named for.
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
  if (recipe.members > 1 && (await isRun(folder))) {
    mustBeOf(whole, folder, await readRunFacts(folder));
    return overMembers(whole, folder, options);
  }
  await mustBeNew(folder);
  return filling(folder, options, async (watched) =>
    recipe.members > 1
      ? overMembers(whole, folder, watched)
      : [await begin(whole, folder, watched, { member: 1, members: 1 })],
  );
}

export interface ResumeOptions extends TrainOptions {
  /** Where the stores of the run are now; where they were if left out. */
  readonly folders?: readonly string[] | undefined;
}

/**
 * Goes on with a run. What its recipe says stays; device and threads may be others.
 * @throws as `train`; LogError or CheckpointError where the folder holds no run.
 */
export async function resume(folder: string, options: ResumeOptions = {}): Promise<RunOutcome[]> {
  const facts = await readRunFacts(folder);
  const recipe = await withFolders(facts.recipe, options.folders ?? []);
  if (recipe.members === 1) {
    return [await goOn(folder, facts, foldersOf(recipe), options, { member: 1, members: 1 })];
  }
  return overMembers(recipe, folder, options);
}

interface Member {
  readonly member: number;
  readonly members: number;
}

/** Each member in a folder of its own, with a seed of its own: begun, gone on with, or left as it is. */
async function overMembers(recipe: Recipe, folder: string, options: TrainOptions): Promise<RunOutcome[]> {
  const { members, seed } = recipe;
  const { member: only } = options;
  const chosen = only === undefined ? Array.from({ length: members }, (_, i) => i + 1) : [only];
  const data = await openRunData(recipe);
  await data.stores.close();
  if (data.notice !== undefined) options.onNotice?.(data.notice);
  if (!(await isRun(folder))) await writeFacts(folder, recipe, data, options);
  const outcomes: RunOutcome[] = [];
  for (const member of chosen) {
    if (options.signal?.aborted) break;
    const own = memberFolder(folder, member);
    const position = { member, members };
    const its = { ...recipe, members: 1, seed: seed + member - 1 };
    if (await isRun(own)) {
      const facts = await readRunFacts(own);
      mustBeOf(its, own, facts);
      outcomes.push(await goOn(own, facts, foldersOf(recipe), options, position));
    } else {
      outcomes.push(await filling(own, options, (watched) => begin(its, own, watched, position)));
    }
    await writeEnsemblePage(folder, await begunMembers(folder, members));
  }
  return outcomes;
}

/** The folders of an ensemble's members that have begun, also those that others train. */
async function begunMembers(folder: string, members: number): Promise<string[]> {
  const folders = Array.from({ length: members }, (_, i) => memberFolder(folder, i + 1));
  const begun = await Promise.all(folders.map(isRun));
  return folders.filter((_, i) => begun[i]);
}

async function begin(
  recipe: Recipe,
  folder: string,
  options: TrainOptions,
  member: Member,
): Promise<RunOutcome> {
  const data = await openRunData(recipe);
  if (data.notice !== undefined && member.members === 1) options.onNotice?.(data.notice);
  try {
    const built = await build(recipe, options);
    const { initializers } = built.forward.graph;
    const state = new Map(weightNames(built).map((name) => [name, initializers.get(name)!]));
    await saveProgress(folder, state, BEGINNING);
    const { graph } = runFiles(folder);
    await writeAssembled(graph, built);
    // The last of the files without which a run cannot go on.
    await writeFacts(folder, recipe, data, options);
    // From the file, as a run is that goes on: in another order of constants sums may be rounded otherwise.
    const assembled = await readAssembled(graph);
    return await work(recipe, assembled, data, { folder, state, progress: BEGINNING }, options, member);
  } finally {
    await data.stores.close();
  }
}

async function goOn(
  folder: string,
  facts: RunFacts,
  folders: readonly string[],
  options: TrainOptions,
  member: Member,
): Promise<RunOutcome> {
  const { recipe } = facts;
  const { state, progress } = await loadProgress(folder);
  const files = runFiles(folder);
  const assembled = await readAssembled(files.graph);
  weightsIn(assembled, state, files.last);
  if (progress.stage === recipe.stages.length) return { folder, progress, done: true };
  const data = await reopenRunData(facts, { folders });
  try {
    await addStart(folder, await startOf(options));
    return await work(recipe, assembled, data, { folder, state, progress }, options, member);
  } finally {
    await data.stores.close();
  }
}

/** The graph of a recipe, with the weights that it begins with. */
async function build(recipe: Recipe, { onNotice, onFetch, signal }: TrainOptions): Promise<Assembled> {
  const { network, seed } = recipe;
  const fresh = randomWeights(seed);
  const fetching = {
    ...(network.sha256 !== undefined && { sha256: network.sha256 }),
    ...(onNotice && { onNotice }),
    ...(onFetch && { onProgress: onFetch }),
    ...(signal && { signal }),
  };
  if (network.backbone !== undefined) {
    const { backbone: file, features } = network;
    const backbone = await loadBackbone({
      file,
      ...(features !== undefined && { features }),
      input: statedInput(recipe),
      ...fetching,
    });
    return assemble(recipe, fresh, backbone);
  }
  if (network.weights === undefined) {
    const [first] = recipe.stages;
    if (first!.train !== 'all') {
      onNotice?.(
        `Stage '${first!.name}' leaves weights as they are that nobody trained; network.weights gives others`,
      );
    }
    return assemble(recipe, fresh);
  }
  const weights = await weightSource(network.name!, network.weights, fresh, {
    ...fetching,
    build: (source) => assemble(recipe, source),
  });
  return assemble(recipe, weights);
}

interface Standing {
  readonly folder: string;
  readonly state: Parameters<typeof trainingLoop>[0]['state'];
  readonly progress: RunProgress;
}

async function work(
  recipe: Recipe,
  assembled: Assembled,
  data: RunData,
  { folder, state, progress }: Standing,
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

async function writeFacts(
  folder: string,
  recipe: Recipe,
  data: RunData,
  options: TrainOptions,
): Promise<void> {
  const { stores, split, train, validation } = data;
  await writeRunFacts(folder, {
    recipe,
    seed: recipe.seed,
    stores: stores.stores.map(({ folder, info: { id, title, terms, fingerprint, rows } }) => {
      return { folder, id, title, terms, fingerprint, rows };
    }),
    split: {
      name: split,
      counts: { [recipe.data.train]: train.length, [recipe.data.validation]: validation.length },
      sha256: digestOf(data),
    },
    ...(await startOf(options)),
  });
}

const startOf = async ({ device = 'cpu', command = [] }: TrainOptions) => ({
  command: [...command],
  device,
  target: await chooseTarget(device),
});

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

async function mustBeNew(folder: string): Promise<void> {
  const [name] = await namesIn(folder);
  if (name === undefined) return;
  throw new TrainingError(
    `Folder '${folder}' is expected to be new or empty, ` +
      ((await isRun(folder))
        ? `found a run; agewise train --resume ${folder} goes on with it`
        : `found '${name}' in it`),
  );
}

/** @throws TrainingError where the run in the folder is of another recipe; where its store lies does not matter. */
function mustBeOf(recipe: Recipe, folder: string, { recipe: found }: RunFacts): void {
  if (isDeepStrictEqual(withoutFolders(recipe), withoutFolders(found))) return;
  throw new TrainingError(
    found.name === recipe.name
      ? `Folder '${folder}' holds a run of '${found.name}' with other values in its recipe.yaml`
      : `Folder '${folder}' holds a run of '${found.name}', expected one of '${recipe.name}'`,
  );
}

/** Does work that fills a folder, new or empty: until a first update is done, a failure leaves it as it was. */
async function filling<T>(
  folder: string,
  options: TrainOptions,
  work: (options: TrainOptions) => Promise<T>,
): Promise<T> {
  const wasThere = await exists(folder);
  let updated = false;
  const onStep = (report: StepReport) => {
    updated = true;
    options.onStep?.(report);
  };
  try {
    return await work({ ...options, onStep });
  } catch (error) {
    if (!updated) {
      const filled = wasThere ? (await namesIn(folder)).map((name) => join(folder, name)) : [folder];
      await Promise.all(filled.map((path) => rm(path, { recursive: true, force: true })));
    }
    throw error;
  }
}
