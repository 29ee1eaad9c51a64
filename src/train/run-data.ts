/** The data of a run: the store, how it is divided, and the loaders. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AgeClass } from '../age/index.js';
import {
  bandWeights,
  DataError,
  type KnownBoxes,
  type Labels,
  Loader,
  type LoaderOptions,
  labelsBetween,
  makeSplit,
  readLabels,
  readSplit,
  readStoreInfo,
  type Split,
  type Store,
  StoreUnion,
  smoothedWeights,
  splitName,
  writeSplit,
} from '../data/index.js';
import { exists } from '../files/index.js';
import { mainClass } from '../metrics/index.js';
import { Random } from '../random/index.js';
import { recordedBoxes } from './crop.js';
import type { Assembled } from './graph/index.js';
import type { RunFacts } from './log/index.js';
import { type Monitor, type Recipe, RecipeError } from './recipe/index.js';
import { Teacher, withTeacherFile } from './teacher.js';
import { type TrainingLabels, trainingLabels } from './training-labels.js';

/** Faces in a batch of an evaluation. */
const EVALUATION_BATCH = 32;
/** Sets the choice of a limited number of rows apart from other random choices. */
const LIMIT = 0x11417;

/** Which label a figure is made of. */
const MONITORED: Readonly<Record<Monitor, 'age' | 'gender' | undefined>> = {
  mae: 'age',
  exactMae: 'age',
  accuracy: 'age',
  gender: 'gender',
  loss: undefined,
};

export interface RunData {
  /** The run's store, or all of its stores as one; rows are numbered over all. */
  readonly stores: StoreUnion;
  /** The name of the split. */
  readonly split: string;
  /** How each store is divided, in the order of stores. */
  readonly splits: readonly Pick<Split, 'method' | 'seed'>[];
  /** That a store was divided before, otherwise than the recipe says. */
  readonly notice?: string;
  /** The parts that are learnt from, in words: `train`, `fold0+fold1`. */
  readonly learnt: string;
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * The recipe with the folders of its stores, and the file of its teacher, absolute, so that a run goes on wherever it is called from.
 * @param given folders of `--data`, which take the place of the recipe's: one, or of several stores one for each
 * @throws RecipeError if one is missing or too many; DataError if a folder is not a store.
 */
export async function withFolders(written: Recipe, given: readonly string[]): Promise<Recipe> {
  const recipe = withTeacherFile(written);
  const { data, name } = recipe;
  const problem = (found: string) => new RecipeError(`Recipe '${name}': ${found}`);
  if (data.stores === undefined) {
    const store = given[0] ?? data.store;
    if (store === undefined) {
      throw problem('data.store: expected the folder of a store (--data), found none');
    }
    if (given.length > 1) throw problem(`expected one store (--data), found ${given.length}`);
    return { ...recipe, data: { ...data, store: resolve(store) } };
  }
  const byId = new Map<string, string>();
  for (const folder of given) {
    const { id } = await readStoreInfo(folder);
    if (!data.stores.some((entry) => entry.id === id)) {
      const expected = data.stores.map((entry) => entry.id).join(', ');
      throw problem(`data.stores: expected stores of ${expected}, found one of ${id} in '${folder}'`);
    }
    const before = byId.get(id);
    if (before !== undefined) throw problem(`expected one store of ${id}, found '${before}' and '${folder}'`);
    byId.set(id, folder);
  }
  const stores = data.stores.map((entry, i) => {
    const store = byId.get(entry.id) ?? entry.store;
    if (store !== undefined) return { ...entry, store: resolve(store) };
    throw problem(`data.stores.${i}: expected the folder of a store of ${entry.id} (--data), found none`);
  });
  return { ...recipe, data: { ...data, stores } };
}

/** The folders of a recipe that `withFolders` has made. */
export const foldersOf = ({ data }: Recipe): string[] =>
  data.stores?.map(({ store }) => store!) ?? [data.store!];

/** A recipe wherever its stores lie. */
export function withoutFolders({ data, ...recipe }: Recipe): Recipe {
  const { store: _, stores, ...rest } = data;
  return { ...recipe, data: { ...rest, ...(stores && { stores: stores.map(({ store: _, ...e }) => e) }) } };
}

/**
 * Opens the stores, and divides each as the recipe says where it is not divided yet.
 * @param recipe with its folders
 * @throws DataError if there is not a store, or its split lacks a part that the recipe names.
 */
export async function openRunData(recipe: Recipe): Promise<RunData> {
  const { data, seed } = recipe;
  const stores = await StoreUnion.open(foldersOf(recipe));
  try {
    const name = splitName(data.split);
    const rows = { train: [] as Uint32Array[], validation: [] as Uint32Array[] };
    const splits: Pick<Split, 'method' | 'seed'>[] = [];
    const notices: string[] = [];
    let learnt: readonly string[] = [];
    for (const [i, store] of stores.stores.entries()) {
      const file = join(store.folder, `${name}.split.json`);
      const { parts, method, seed: splitSeed } = await splitOf(store, data, file);
      splits.push({ method, seed: splitSeed });
      const asked = isDeepStrictEqual(method, data.split) && splitSeed === data.splitSeed;
      if (!asked && data.split.name !== 'given') {
        notices.push(
          `${file} divides the store, but was made by ${JSON.stringify(method)} with seed ${splitSeed}, not as the recipe says`,
        );
      }
      const rowsOf = (part: string): Uint32Array => {
        const found = parts.get(part);
        if (found !== undefined) return found.map((row) => stores.starts[i]! + row);
        throw new DataError(
          `${store.folder}: split '${name}' has the parts ${[...parts.keys()].join(', ')}, the recipe names '${part}'`,
        );
      };
      learnt = learntParts(data, [...parts.keys()]);
      if (learnt.length === 0) {
        throw new DataError(
          `${store.folder}: split '${name}' has the parts ${[...parts.keys()].join(', ')}, of which the recipe leaves none to learn from`,
        );
      }
      rows.train.push(joined(learnt.map(rowsOf)).sort());
      rows.validation.push(rowsOf(data.validation));
    }
    return {
      stores,
      split: name,
      splits,
      ...(notices.length > 0 && { notice: notices.join('; ') }),
      learnt: learnt.join('+'),
      train: limited(joined(rows.train), data.limit, seed),
      validation: limited(joined(rows.validation), data.limit, seed),
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/**
 * The recipe with the split that its stores have; one that is given is named by its recipe already.
 * @throws RecipeError if they are divided in several ways, of which a recipe has no record.
 */
export function withStoredSplit(recipe: Recipe, { stores, splits }: RunData): Recipe {
  if (recipe.data.split.name === 'given') return recipe;
  const [{ method, seed } = { method: recipe.data.split, seed: recipe.data.splitSeed }] = splits;
  const other = splits.findIndex((split) => !isDeepStrictEqual(split, { method, seed }));
  if (other < 0) return { ...recipe, data: { ...recipe.data, split: method, splitSeed: seed } };
  const [first, found] = [splits[0]!, splits[other]!].map((split) => JSON.stringify(split));
  throw new RecipeError(
    `Recipe '${recipe.name}': data.split: expected all stores to be divided as '${stores.folders[0]}' is, ${first}, found ${found} in '${stores.folders[other]}'`,
  );
}

/** The parts that the recipe learns from: those that it names, or all of a split but those that it leaves out. */
function learntParts({ train, validation }: Recipe['data'], parts: readonly string[]): readonly string[] {
  if (typeof train === 'string') return [train];
  if (!('except' in train)) return train;
  const except = [train.except].flat();
  const unknown = except.find((part) => !parts.includes(part));
  // Named as a part that is looked for, it is refused as any other.
  if (unknown !== undefined) return [unknown];
  return parts.filter((part) => part !== validation && !except.includes(part));
}

function joined(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

export interface ReopenOptions {
  /** Where the stores are now; where they were if left out. */
  readonly folders?: readonly string[] | undefined;
  /** The part that stands for the validation part. */
  readonly part?: string | undefined;
}

/**
 * Opens the data of a run that was begun.
 * @throws DataError as `openRunData`, and if a store or its split is not what the run began with: faces that were
 *   learnt from could be evaluated on.
 */
export async function reopenRunData(
  { recipe, stores, split }: RunFacts,
  { folders = [], part = recipe.data.validation }: ReopenOptions = {},
): Promise<RunData> {
  const found = await withFolders(recipe, folders);
  const data = await openRunData(found);
  const other = data.stores.infos.findIndex((info, i) => info.fingerprint !== stores[i]!.fingerprint);
  const changed = other >= 0 ? 'the store' : digestOf(data) !== split.sha256 && `split '${split.name}'`;
  if (!changed && part === recipe.data.validation) return data;
  await data.stores.close();
  if (changed) {
    const folder = other >= 0 ? data.stores.folders[other] : data.stores.folder;
    throw new DataError(`${folder}: ${changed} differs from the one that the run started with`);
  }
  return openRunData({ ...found, data: { ...found.data, validation: part } });
}

/** SHA-256, in hexadecimal digits, of the numbers of a run's rows. */
export function digestOf({ train, validation }: Pick<RunData, 'train' | 'validation'>): string {
  const hash = createHash('sha256');
  for (const rows of [train, validation]) hash.update(`${rows.join()};`);
  return hash.digest('hex');
}

/** The split of a file, which is made if there is none. */
async function splitOf(store: Store, { split, splitSeed }: Recipe['data'], file: string): Promise<Split> {
  if (!(await exists(file))) await writeSplit(file, await makeSplit(store, split, splitSeed));
  return readSplit(file, store);
}

function limited(rows: Uint32Array, limit: number | undefined, seed: number): Uint32Array {
  if (limit === undefined || limit >= rows.length) return rows;
  return new Random(seed, LIMIT).shuffle(Uint32Array.from(rows)).slice(0, limit).sort();
}

export interface RunLoaders {
  readonly train: Loader;
  readonly validation: Loader;
  /** Of the recipe's teacher; it has no part in what is validated. */
  readonly teacher: Teacher | undefined;
  /** What is made of labels that are learnt. */
  readonly labelling: TrainingLabels;
  close(): Promise<void>;
}

/**
 * Starts the loaders.
 * @throws DataError if no row has a label that a head learns from, or faces are not turned as the network's input
 *   says.
 */
export async function startLoaders(recipe: Recipe, assembled: Assembled, data: RunData): Promise<RunLoaders> {
  const { stores } = data;
  stores.stores.forEach((store, i) => {
    checkCrop(store, assembled, recipe.data.stores?.[i]?.margin);
  });
  const labels = await readRunLabels(data, recordedBoxes(recipe));
  checkLabels(recipe, data, assembled, labels);
  const labelling = trainingLabels(recipe, assembled, labels.train);
  const teacher = await Teacher.open(recipe, stores);
  const { input } = assembled;
  const { batch, seed, augment } = recipe;
  const usual = augment === false ? undefined : augment;
  const own = recipe.data.stores?.some((entry) => entry.augment);
  const train = await Loader.create(stores, {
    input,
    batch,
    labels: labels.train,
    seed,
    sampling: samplingOf(recipe, data, assembled, labels.train),
    ...(own ? { augments: recipe.data.stores!.map((entry) => entry.augment ?? usual) } : { augment: usual }),
    // The last faces of an epoch would make a batch of another size, which the graph is not made for.
    dropLast: true,
  });
  try {
    const validation = await Loader.create(stores, {
      input,
      batch: EVALUATION_BATCH,
      labels: labels.validation,
      sampling: 'stored',
    });
    return {
      train,
      validation,
      teacher,
      labelling,
      async close() {
        await Promise.all([train.close(), validation.close()]);
      },
    };
  } catch (error) {
    await train.close();
    throw error;
  }
}

/** The labels of a run's rows, in the order of `train` and `validation`. */
interface RunLabels {
  readonly train: Labels;
  readonly validation: Labels;
}

/** Reads the stores once for both parts. */
async function readRunLabels(
  { stores, train, validation }: RunData,
  boxes: readonly (KnownBoxes | undefined)[],
): Promise<RunLabels> {
  const labels = await readLabels(stores, joined([train, validation]), boxes);
  const all = train.length + validation.length;
  return {
    train: labelsBetween(labels, 0, train.length),
    validation: labelsBetween(labels, train.length, all),
  };
}

/** @throws if a label is missing from all rows that is learnt, or that the monitored figure is made of. */
function checkLabels(
  { name, monitor }: Recipe,
  { stores }: RunData,
  { classes, gender }: Assembled,
  { train, validation }: RunLabels,
): void {
  const labels = [...(classes ? (['age'] as const) : []), ...(gender ? (['gender'] as const) : [])];
  const monitored = MONITORED[monitor];
  if (monitored !== undefined && !labels.includes(monitored)) {
    throw new RecipeError(
      `Recipe '${name}': monitor: '${monitor}' needs a head for ${monitored}, the recipe has one for ${labels.join(' and ')}`,
    );
  }
  const missing = ({ ages, genders }: Labels, label: 'age' | 'gender') =>
    (label === 'age' ? ages : genders).every((known) => known === undefined);
  const learnt = labels.find((label) => missing(train, label));
  const which = `to validate on, as the recipe's monitor`;
  if (learnt !== undefined) {
    throw new DataError(`${stores.folder}: expected faces with ${learnt} to train on, found none`);
  }
  if (monitored !== undefined && missing(validation, monitored)) {
    throw new DataError(
      `${stores.folder}: expected faces with ${monitored}, ${which} '${monitor}' is made of it, found none`,
    );
  }
  const kinds = new Set(validation.ages.map((age) => age && ('from' in age ? 'interval' : 'exact')));
  if (monitor === 'exactMae' && !(kinds.has('exact') && kinds.has('interval'))) {
    throw new RecipeError(
      `Recipe '${name}': monitor: 'exactMae' is for data with exact ages and intervals, found ${kinds.has('exact') ? 'only exact ages, for which it equals mae' : 'no exact ages'}`,
    );
  }
}

/**
 * @param margin that the recipe states of a store whose pictures are ready crops
 * @throws DataError if faces are not turned as the network's input says, or are cut out otherwise than stated.
 */
function checkCrop({ folder, info }: Store, { input }: Assembled, margin: number | undefined): void {
  const crop = info.options.pictures.crop;
  if (margin !== undefined) {
    if (crop === null && info.labelled.faceBox === 0) return;
    throw new DataError(
      `${folder}: expected pre-cropped faces, since the recipe gives a margin of ${margin}, found ${crop === null ? 'pictures with face boxes' : `faces cropped with a margin of ${crop.margin}`}`,
    );
  }
  const stored = crop?.alignment ?? 'none';
  if (crop !== null && stored !== input.alignment) {
    throw new DataError(
      `${folder}: expected faces imported with alignment '${input.alignment}', as the network's input says, found '${stored}'`,
    );
  }
  if (crop === null && input.alignment === 'roll') {
    throw new DataError(
      `${folder}: expected faces that were turned upright (agewise data import --detect --align)`,
    );
  }
}

/** How rows are drawn: as the recipe's sampling says, times the weights of their stores. */
function samplingOf(
  { sampling, data }: Recipe,
  { stores, train }: RunData,
  { classes }: Assembled,
  labels: Labels,
): NonNullable<LoaderOptions['sampling']> {
  const of = data.stores?.map(({ weight }) => weight) ?? [1];
  if (sampling !== 'classes' && of.every((weight) => weight === of[0])) return sampling;
  const weights =
    sampling === 'classes'
      ? classWeights(labels, classes)
      : sampling === 'balanced'
        ? bandWeights(labels.ages)
        : sampling === 'smoothed'
          ? smoothedWeights(labels.ages)
          : new Float64Array(train.length).fill(1);
  return { weights: weights.map((weight, i) => weight * of[stores.storeOf(train[i]!)]!) };
}

/** Weights by which each age class is drawn equally often; each gender, where ages are not learnt. */
function classWeights({ ages, genders }: Labels, classes: readonly AgeClass[] | undefined): Float64Array {
  const keys: readonly unknown[] = classes ? ages.map((age) => age && mainClass(classes, age)) : genders;
  const counts = new Map<unknown, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return Float64Array.from(keys, (key) => (key === undefined ? 0 : 1 / counts.get(key)!));
}
