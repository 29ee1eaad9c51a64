/** Recipes: by the names of those that ship, or from files. */

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { isMissing, reasonOf } from '../../files/index.js';
import { nearest, suggestion } from '../../names/index.js';
import { NetworkError, networkOf } from '../../networks/index.js';
import { complaint } from './complaint.js';
import { type Override, override, readDocument, readOverride, withoutNulls } from './document.js';
import { RecipeError } from './error.js';
import { type Recipe, recipeSchema } from './schema.js';
import { isMapping, type Path, shown } from './shape.js';
import { shippedRecipePath, shippedRecipes } from './shipped.js';

const FILE = /\.(ya?ml|json)$/i;

export interface LoadOptions {
  /** Values set on the command line, such as `stages.0.epochs=2`: a path with dots, and a value in YAML. */
  readonly set?: readonly string[];
}

/**
 * Loads and checks a recipe, with defaults filled in.
 * @param nameOrPath the name of a shipped recipe, or the path of a .yaml, .yml or .json file
 * @throws RecipeError, in one sentence, for a missing or invalid recipe.
 */
export async function loadRecipe(nameOrPath: string, { set = [] }: LoadOptions = {}): Promise<Recipe> {
  return readRecipe(await recipeText(nameOrPath), nameOrPath, { set });
}

/**
 * A recipe's source text.
 * @throws RecipeError for a missing recipe.
 */
export async function recipeText(nameOrPath: string): Promise<string> {
  const names = await shippedRecipes();
  const ships = names.includes(nameOrPath);
  if (!ships && !FILE.test(nameOrPath)) {
    throw new RecipeError(
      `${nameOrPath}: expected a .yaml, .yml or .json file or the name of a shipped recipe` +
        `${suggestion(basename(nameOrPath), names)} ('agewise recipes' lists them)`,
    );
  }
  try {
    return await readFile(ships ? shippedRecipePath(nameOrPath) : nameOrPath, 'utf8');
  } catch (error) {
    if (!isMissing(error)) {
      const problem = `it cannot be read: ${reasonOf(error)}`;
      throw new RecipeError({ subject: nameOrPath, problem }, { cause: error });
    }
    const meant = nearest(basename(nameOrPath).replace(FILE, ''), names);
    const advice = meant === undefined ? '' : `; did you mean '${meant}', a shipped recipe?`;
    const problem = `no such file${advice}`;
    throw new RecipeError({ subject: nameOrPath, problem }, { kind: 'missing', cause: error });
  }
}

/**
 * A recipe from its text.
 * @param file what sentences call it
 * @throws RecipeError, in one sentence, for invalid YAML or an invalid recipe.
 */
export function readRecipe(text: string, file: string, { set = [] }: LoadOptions = {}): Recipe {
  const overrides = set.map(readOverride);
  const changed = overrides.reduce<unknown>(override, readDocument(text, file));
  return checkRecipe(withPartsAsText(withoutNulls(changed, overrides)), file, overrides);
}

/** Names of a split's parts may be numbers, as of people. */
function withPartsAsText(document: unknown): unknown {
  if (!isMapping(document) || !isMapping(document.data)) return document;
  const { train, validation } = document.data;
  const data = {
    ...document.data,
    ...(train !== undefined && {
      train: isMapping(train) ? { ...train, except: asText(train.except) } : asText(train),
    }),
    ...(validation !== undefined && { validation: asText(validation) }),
  };
  return { ...document, data };
}

const asText = (value: unknown): unknown =>
  typeof value === 'number' ? String(value) : Array.isArray(value) ? value.map(asText) : value;

/**
 * A recipe from plain data, as stored in a run's folder.
 * @param file what sentences call it
 * @param overrides those included in the data, which messages name instead of the file
 * @throws RecipeError
 */
export function checkRecipe(document: unknown, file: string, overrides: readonly Override[] = []): Recipe {
  const sourceOf = (path: Path) => {
    const set = path.length === 0 ? undefined : overrides.findLast((each) => related(each.path, path));
    return set === undefined ? file : `--set ${set.text}`;
  };
  const checked = recipeSchema.safeParse(document);
  if (!checked.success) {
    const { path, text } = complaint(checked.error.issues, document);
    throw new RecipeError(`${sourceOf(path)}: ${text}`);
  }
  const { name, backbone } = checked.data.network;
  try {
    const network = name === undefined ? undefined : networkOf(name);
    if (network && backbone !== undefined && network.onMaps === undefined) {
      throw new RecipeError(
        `${sourceOf(['network'])}: network: expected either a name or a backbone, found ${shown(checked.data.network)}`,
      );
    }
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    throw new RecipeError(`${sourceOf(['network', 'name'])}: network.name: ${error.message}`, {
      cause: error,
    });
  }
  return checked.data;
}

/** Whether one of two paths contains the other. */
const related = (a: Path, b: Path): boolean =>
  a.slice(0, b.length).every((key, i) => String(key) === String(b[i]));
