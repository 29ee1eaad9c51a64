/** The recipes that ship with the package, in recipes/. */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const FOLDER = new URL('../../../recipes/', import.meta.url);
const EXTENSION = '.yaml';

/** The names of all shipped recipes, sorted. */
export async function shippedRecipes(): Promise<string[]> {
  const files = await readdir(FOLDER);
  return files
    .filter((file) => file.endsWith(EXTENSION))
    .map((file) => file.slice(0, -EXTENSION.length))
    .sort();
}

/** The path of a shipped recipe. */
export const shippedRecipePath = (name: string): string => fileURLToPath(new URL(name + EXTENSION, FOLDER));
