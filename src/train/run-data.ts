/** The data of a run: its stores, how each is divided, and the rows of its parts. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  DataError,
  makeSplit,
  readSplit,
  type Split,
  type Store,
  StoreUnion,
  splitName,
  writeSplit,
} from '../data/index.js';
import { exists } from '../files/index.js';
import { Random } from '../random/index.js';
import type { RunFacts } from './log/index.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import { foldersOf, withFolders } from './store-folders.js';

/** Separates the selection of a limited number of rows from other random choices. */
const LIMIT = 0x11417;

export interface RunData {
  /** The run's store, or all of its stores as one; rows are numbered over all. */
  readonly stores: StoreUnion;
  /** The name of the split. */
  readonly split: string;
  /** How each store is split, in the order of stores. */
  readonly splits: readonly Pick<Split, 'method' | 'seed'>[];
  /** A notice if a store was already split in another way than the recipe's. */
  readonly notice?: string;
  /** The training parts, in words: `train`, `fold0+fold1`. */
  readonly learnt: string;
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  /** The training parts of each store, in the order of stores. */
  readonly learntParts: readonly LearntPart[];
  /** The parts of each store that nothing is learnt from or chosen by, in the store's own numbers of rows. */
  readonly tests: readonly ReadonlyMap<string, Uint32Array>[];
}

/** A part of a store that is learned from. */
export interface LearntPart {
  /** The place of its store among the run's. */
  readonly store: number;
  readonly part: string;
  /** SHA-256 of its row numbers as 32-bit integers. */
  readonly rows: string;
}

/**
 * Opens the stores, and splits each as the recipe says unless it is split already.
 * @param recipe with its folders
 * @throws DataError if a store is missing, or its split lacks a part that the recipe names.
 */
export async function openRunData(recipe: Recipe): Promise<RunData> {
  const { data, seed } = recipe;
  const stores = await StoreUnion.open(foldersOf(recipe));
  try {
    const name = splitName(data.split);
    const rows = { train: [] as Uint32Array[], validation: [] as Uint32Array[] };
    const splits: Pick<Split, 'method' | 'seed'>[] = [];
    const notices: string[] = [];
    const learntParts: LearntPart[] = [];
    const tests: ReadonlyMap<string, Uint32Array>[] = [];
    let learnt: readonly string[] = [];
    for (const [i, store] of stores.stores.entries()) {
      const file = join(store.folder, `${name}.split.json`);
      const { parts, method, seed: splitSeed } = await splitOf(store, data, file);
      splits.push({ method, seed: splitSeed });
      const isRecipes = isDeepStrictEqual(method, data.split) && splitSeed === data.splitSeed;
      if (!isRecipes && data.split.name !== 'given') {
        notices.push(
          `${file} divides the store, but was made by ${JSON.stringify(method)} with seed ${splitSeed}, not as the recipe says`,
        );
      }
      const rowsOf = (part: string): Uint32Array => {
        const found = parts.get(part);
        if (found !== undefined) return found.map((row) => stores.starts[i]! + row);
        throw new DataError(
          `${store.folder}: split '${name}' has the parts ${[...parts.keys()].join(', ')}, the recipe names '${part}'`,
          { kind: 'usage' },
        );
      };
      learnt = partsToLearn(data, [...parts.keys()]);
      if (learnt.length === 0) {
        throw new DataError(
          `${store.folder}: split '${name}' has the parts ${[...parts.keys()].join(', ')}, of which the recipe leaves none to learn from`,
        );
      }
      rows.train.push(joinRows(learnt.map(rowsOf)).sort());
      learntParts.push(...learnt.map((part) => ({ store: i, part, rows: rowDigest(parts.get(part)!) })));
      rows.validation.push(rowsOf(data.validation));
      tests.push(new Map([...parts].filter(([part]) => part !== data.validation && !learnt.includes(part))));
    }
    return {
      stores,
      split: name,
      splits,
      ...(notices.length > 0 && { notice: notices.join('; ') }),
      learnt: learnt.join('+'),
      train: limited(joinRows(rows.train), data.limit, seed),
      validation: limited(joinRows(rows.validation), data.limit, seed),
      learntParts,
      tests,
    };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/**
 * The recipe with the split of its stores; a given split is named by the recipe already. A stored split under another name
 * than its method's is recorded as given, since the method alone would lead to another file.
 * @throws RecipeError if they are split in different ways, which a recipe cannot record.
 */
export function withStoredSplit(recipe: Recipe, { stores, split: name, splits }: RunData): Recipe {
  if (recipe.data.split.name === 'given') return recipe;
  const [{ method, seed } = { method: recipe.data.split, seed: recipe.data.splitSeed }] = splits;
  const other = splits.findIndex((split) => !isDeepStrictEqual(split, { method, seed }));
  if (other < 0) {
    const split = splitName(method) === name ? method : ({ name: 'given', split: name } as const);
    return { ...recipe, data: { ...recipe.data, split, splitSeed: seed } };
  }
  const [first, found] = [splits[0]!, splits[other]!].map((split) => JSON.stringify(split));
  throw new RecipeError(
    `Recipe '${recipe.name}': data.split: expected all stores to be divided as '${stores.folders[0]}' is, ${first}, found ${found} in '${stores.folders[other]}'`,
  );
}

/** The training parts: those named by the recipe, or all parts of a split except those that it excludes. */
function partsToLearn({ train, validation }: Recipe['data'], parts: readonly string[]): readonly string[] {
  if (typeof train === 'string') return [train];
  if (!('except' in train)) return train;
  const except = [train.except].flat();
  const unknown = except.find((part) => !parts.includes(part));
  // An unknown part is reported like any other missing part.
  if (unknown !== undefined) return [unknown];
  return parts.filter((part) => part !== validation && !except.includes(part));
}

/** Lists of row numbers, one after another. */
export function joinRows(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

export interface ReopenOptions {
  /** The present folders of the stores; default: the recorded ones. */
  readonly folders?: readonly string[] | undefined;
  /** The part to use as validation part. */
  readonly part?: string | undefined;
}

/**
 * Opens the data of an existing run.
 * @throws DataError as `openRunData`, and if a store or its split differs from the run's, since training faces could be used for evaluation.
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

/** SHA-256, in hexadecimal, of the numbers of a run's rows. */
export function digestOf({ train, validation }: Pick<RunData, 'train' | 'validation'>): string {
  const hash = createHash('sha256');
  for (const rows of [train, validation]) hash.update(`${rows.join()};`);
  return hash.digest('hex');
}

const rowDigest = (rows: Uint32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength))
    .digest('hex');

/** The split in a file, which is created if it does not exist. */
async function splitOf(store: Store, { split, splitSeed }: Recipe['data'], file: string): Promise<Split> {
  if (!(await exists(file))) {
    const made = await makeSplit(store, split, splitSeed);
    await writeSplit(file, made).catch(async (error: unknown) => {
      // Another member of an ensemble may have made it meanwhile.
      if (!(await exists(file))) throw error;
    });
  }
  return readSplit(file, store);
}

function limited(rows: Uint32Array, limit: number | undefined, seed: number): Uint32Array {
  if (limit === undefined || limit >= rows.length) return rows;
  return new Random(seed, LIMIT).shuffle(Uint32Array.from(rows)).slice(0, limit).sort();
}
