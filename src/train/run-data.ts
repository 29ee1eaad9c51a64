/** The data of a run: the store, how it is divided, and the loaders. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AgeClass } from '../age/index.js';
import {
  DataError,
  Loader,
  makeSplit,
  readSplit,
  type Split,
  Store,
  splitName,
  writeSplit,
} from '../data/index.js';
import { exists } from '../files/index.js';
import { rightClasses } from '../metrics/index.js';
import { Random } from '../random/index.js';
import type { Assembled } from './assemble.js';
import type { RunFacts } from './log/index.js';
import { type Monitor, type Recipe, RecipeError } from './recipe/index.js';

/** Faces in a batch of an evaluation. */
const EVALUATION_BATCH = 32;
/** Sets the choice of a limited number of rows apart from other random choices. */
const LIMIT = 0x11417;

/** Which label a figure is made of. */
const MONITORED: Readonly<Record<Monitor, 'age' | 'gender' | undefined>> = {
  mae: 'age',
  accuracy: 'age',
  gender: 'gender',
  loss: undefined,
};

export interface RunData {
  readonly store: Store;
  /** The name of the split. */
  readonly split: string;
  /** That the store was divided before, otherwise than the recipe says. */
  readonly notice?: string;
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
}

/**
 * Opens the store, and divides it as the recipe says where it is not divided yet.
 * @throws DataError where there is no store, or its split lacks a part that the recipe names.
 */
export async function openRunData({ data, seed }: Recipe, folder: string): Promise<RunData> {
  const store = await Store.open(folder);
  try {
    const name = splitName(data.split);
    const file = join(store.folder, `${name}.split.json`);
    const { parts, method, seed: splitSeed } = await splitOf(store, data, file);
    const part = (wanted: string) => {
      const rows = parts.get(wanted);
      if (rows !== undefined) return rows;
      throw new DataError(
        `${folder}: split '${name}' has the parts ${[...parts.keys()].join(', ')}, the recipe names '${wanted}'`,
      );
    };
    return {
      store,
      split: name,
      ...(!(isDeepStrictEqual(method, data.split) && splitSeed === data.splitSeed) && {
        notice: `${file} divides the store, made by ${JSON.stringify(method)} with seed ${splitSeed}, other than the recipe says`,
      }),
      train: limited(part(data.train), data.limit, seed),
      validation: limited(part(data.validation), data.limit, seed),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

export interface ReopenOptions {
  /** Where the store is now; where it was if left out. */
  readonly folder?: string | undefined;
  /** The part that stands for the validation part. */
  readonly part?: string | undefined;
}

/**
 * Opens the data of a run that was begun.
 * @throws DataError as `openRunData`, and where the store or its split is not what the run began with: faces that were
 *   learnt from could be evaluated on.
 */
export async function reopenRunData(
  { recipe, store, split }: RunFacts,
  { folder = store.folder, part = recipe.data.validation }: ReopenOptions = {},
): Promise<RunData> {
  const data = await openRunData(recipe, folder);
  const changed =
    data.store.info.fingerprint !== store.fingerprint
      ? 'the store'
      : digestOf(data) !== split.sha256 && `split '${split.name}'`;
  if (!changed && part === recipe.data.validation) return data;
  await data.store.close();
  if (changed) throw new DataError(`${folder}: ${changed} is another than the run began with`);
  return openRunData({ ...recipe, data: { ...recipe.data, validation: part } }, folder);
}

/** SHA-256, in hexadecimal digits, of the numbers of a run's rows. */
export function digestOf({ train, validation }: Pick<RunData, 'train' | 'validation'>): string {
  const hash = createHash('sha256');
  for (const rows of [train, validation]) hash.update(`${rows.join()};`);
  return hash.digest('hex');
}

/** The split of a file, which is made where there is none. */
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
  close(): Promise<void>;
}

/**
 * Starts the loaders.
 * @throws DataError where no row has a label that a head learns from, or faces are not turned as the network's input
 *   says.
 */
export async function startLoaders(recipe: Recipe, assembled: Assembled, data: RunData): Promise<RunLoaders> {
  const { store } = data;
  checkAlignment(store, assembled);
  await checkLabels(recipe, data, assembled);
  const { input } = assembled;
  const { batch, seed, sampling, augment } = recipe;
  const train = await Loader.create(store, {
    input,
    batch,
    rows: data.train,
    seed,
    sampling: sampling === 'classes' ? { weights: await classWeights(data, assembled.classes) } : sampling,
    augment: augment === false ? undefined : augment,
    // The last faces of an epoch would make a batch of another size, which the graph is not made for.
    dropLast: true,
  });
  const validation = await Loader.create(store, {
    input,
    batch: EVALUATION_BATCH,
    rows: data.validation,
    sampling: 'stored',
  });
  return {
    train,
    validation,
    async close() {
      await Promise.all([train.close(), validation.close()]);
    },
  };
}

/** Reads rows until each label has been found that is learnt, or that the monitored figure is made of. */
async function checkLabels(
  { name, monitor }: Recipe,
  { store, train, validation }: RunData,
  { classes, gender }: Assembled,
): Promise<void> {
  const labels = [...(classes ? (['age'] as const) : []), ...(gender ? (['gender'] as const) : [])];
  const monitored = MONITORED[monitor];
  if (monitored !== undefined && !labels.includes(monitored)) {
    throw new RecipeError(
      `Recipe '${name}': monitor: '${monitor}' needs a head for ${monitored}, the recipe has one for ${labels.join(' and ')}`,
    );
  }
  const learnt = { rows: new Set(train), missing: new Set(labels), which: 'which the recipe learns' };
  const evaluated = {
    rows: new Set(validation),
    missing: new Set(monitored ? [monitored] : []),
    which: `to validate on, as the recipe's monitor '${monitor}' is made of it`,
  };
  for await (const row of store.rows()) {
    for (const { rows, missing } of [learnt, evaluated]) {
      if (rows.has(row.index)) for (const label of missing) if (row[label]) missing.delete(label);
    }
    if (learnt.missing.size + evaluated.missing.size === 0) return;
  }
  const { missing, which } = learnt.missing.size > 0 ? learnt : evaluated;
  const [label] = missing;
  throw new DataError(`${store.folder}: expected faces with ${label}, ${which}, found none`);
}

function checkAlignment({ folder, info }: Store, { input }: Assembled): void {
  const crop = info.options.pictures.crop;
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

/** Weights by which each age class is drawn equally often; each gender, where ages are not learnt. */
async function classWeights(
  { store, train }: RunData,
  classes: readonly AgeClass[] | undefined,
): Promise<Float64Array> {
  const keys = new Map<number, unknown>(Array.from(train, (row) => [row, undefined]));
  const counts = new Map<unknown, number>();
  for await (const row of store.rows()) {
    if (!keys.has(row.index)) continue;
    const key = classes ? row.age && rightClasses(classes, row.age)[0] : row.gender;
    keys.set(row.index, key);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Float64Array.from(train, (row) => {
    const key = keys.get(row);
    return key === undefined ? 0 : 1 / counts.get(key)!;
  });
}
