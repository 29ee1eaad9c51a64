/** The folders of a recipe's stores: from the recipe or the command line, absolute, or left out. */
import { resolve } from 'node:path';
import { readStoreInfo } from '../data/index.js';
import { isAddress } from '../files/index.js';
import { type Recipe, RecipeError } from './recipe/index.js';
import { withTeacherFile } from './teacher.js';

/**
 * The recipe with absolute paths of its stores' folders and its teacher's file, so that a run can be resumed from any
 * working directory.
 * @param given folders of `--data`, which replace the recipe's: one, or one for each of several stores
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
    return { ...recipe, data: { ...data, store: absolute(store) } };
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
    if (store !== undefined) return { ...entry, store: absolute(store) };
    throw problem(`data.stores.${i}: expected the folder of a store of ${entry.id} (--data), found none`);
  });
  return { ...recipe, data: { ...data, stores } };
}

const absolute = (store: string): string => (isAddress(store) ? store : resolve(store));

/** The folders of a recipe made by `withFolders`. */
export const foldersOf = ({ data }: Recipe): string[] =>
  data.stores?.map(({ store }) => store!) ?? [data.store!];

/** A recipe without the location of its stores. */
export function withoutFolders({ data, ...recipe }: Recipe): Recipe {
  const { store: _, stores, ...rest } = data;
  return { ...recipe, data: { ...rest, ...(stores && { stores: stores.map(({ store: _, ...e }) => e) }) } };
}
