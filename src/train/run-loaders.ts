/** The loaders of a run: which labels they need, how rows are drawn, and what is learnt besides labels. */
import type { AgeClass } from '../age/index.js';
import {
  bandWeights,
  DataError,
  type KnownBoxes,
  type Labels,
  Loader,
  type LoaderOptions,
  labelsBetween,
  readLabels,
  type Store,
  smoothedWeights,
} from '../data/index.js';
import { mainClass } from '../metrics/index.js';
import { recordedBoxes } from './crop.js';
import type { Assembled } from './graph/index.js';
import { type Monitor, type Recipe, RecipeError } from './recipe/index.js';
import { joinRows, type RunData } from './run-data.js';
import { Teacher } from './teacher.js';
import { type TrainingLabels, trainingLabels } from './training-labels.js';

/** The batch size of evaluations. */
const EVALUATION_BATCH = 32;
/** The number of faces that load in less time than a thread takes to start. */
const FEW_FACES = 128;
/** The label that a figure needs. */
const MONITORED: Readonly<Record<Monitor, 'age' | 'gender' | undefined>> = {
  mae: 'age',
  exactMae: 'age',
  accuracy: 'age',
  gender: 'gender',
  loss: undefined,
};

export interface RunLoaders {
  readonly train: Loader;
  readonly validation: Loader;
  /** The recipe's teacher, used for training only. */
  readonly teacher: Teacher | undefined;
  /** Smoothing and weights of training labels. */
  readonly labelling: TrainingLabels;
  /** The numbers of the rows of both loaders. */
  readonly rows: Pick<RunData, 'train' | 'validation'>;
  close(): Promise<void>;
}

/**
 * Starts the loaders.
 * @throws DataError if no row has a label that a head needs, or faces are not aligned as the network's input says.
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
    ...threadsFor(labels.train),
    labels: labels.train,
    seed,
    sampling: samplingOf(recipe, data, assembled, labels.train),
    ...(own ? { augments: recipe.data.stores!.map((entry) => entry.augment ?? usual) } : { augment: usual }),
    // A smaller last batch would not fit the graph, which is made for one size.
    dropLast: true,
  });
  try {
    const validation = await Loader.create(stores, {
      input,
      batch: EVALUATION_BATCH,
      ...threadsFor(labels.validation),
      labels: labels.validation,
      sampling: 'stored',
    });
    return {
      train,
      validation,
      teacher,
      labelling,
      rows: { train: data.train, validation: data.validation },
      async close() {
        await Promise.all([train.close(), validation.close()]);
      },
    };
  } catch (error) {
    await train.close();
    throw error;
  }
}

const threadsFor = ({ rows }: Labels): Pick<LoaderOptions, 'workers'> =>
  rows.length <= FEW_FACES ? { workers: 0 } : {};

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
  const labels = await readLabels(stores, joinRows([train, validation]), boxes);
  const all = train.length + validation.length;
  return {
    train: labelsBetween(labels, 0, train.length),
    validation: labelsBetween(labels, train.length, all),
  };
}

/** @throws if a label needed for training or by the monitored figure is missing from all rows. */
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
 * @param margin stated by the recipe for a store of ready crops
 * @throws DataError if faces are not aligned as the network's input says, or are cropped differently than stated.
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
  if (crop === null && input.alignment !== 'none') {
    const flag = input.alignment === 'roll' ? '--align' : '--rotations';
    throw new DataError(
      `${folder}: expected faces that were turned upright (agewise data import --detect ${flag})`,
    );
  }
}

/** The sampling of rows: the recipe's, times the weights of their stores. */
function samplingOf(
  { sampling, data }: Recipe,
  { stores, train }: RunData,
  { classes }: Assembled,
  labels: Labels,
): NonNullable<LoaderOptions['sampling']> {
  const storeWeights = data.stores?.map(({ weight }) => weight) ?? [1];
  if (sampling !== 'classes' && storeWeights.every((weight) => weight === storeWeights[0])) return sampling;
  const weights =
    sampling === 'classes'
      ? classWeights(labels, classes)
      : sampling === 'balanced'
        ? bandWeights(labels.ages)
        : sampling === 'smoothed'
          ? smoothedWeights(labels.ages)
          : new Float64Array(train.length).fill(1);
  return { weights: weights.map((weight, i) => weight * storeWeights[stores.storeOf(train[i]!)]!) };
}

/** Weights with which each age class is drawn equally often; each gender, if ages are not trained. */
function classWeights({ ages, genders }: Labels, classes: readonly AgeClass[] | undefined): Float64Array {
  const keys: readonly unknown[] = classes ? ages.map((age) => age && mainClass(classes, age)) : genders;
  const counts = new Map<unknown, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return Float64Array.from(keys, (key) => (key === undefined ? 0 : 1 / counts.get(key)!));
}
