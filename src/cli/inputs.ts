/** Inputs named on the command line → the pictures, in that order. */

import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { isAddress, reasonOf } from '../files/index.js';
import { isAnnotated, MARK_WITHIN, READ_ENDINGS, UNREAD_ENDINGS } from '../vision/node.js';
import { realPath } from './paths.js';

/** The name of standard input. */
export const STANDARD_INPUT = '-';

/** Extensions of pictures in a folder. A file named directly may have any extension. */
const EXTENSIONS = READ_ENDINGS.map((ending) => `.${ending}`);

/** Extensions of pictures that cannot be read. Each gets an error, since skipping it silently would be misleading. */
const UNREADABLE = UNREAD_ENDINGS.map((ending) => `.${ending}`);

/** A picture to estimate, or an input without pictures. */
export type Input =
  | { readonly file: string }
  /** `error` is one sentence. */
  | { readonly file: string; readonly error: string };

/**
 * Expands inputs: files as given, including missing ones; all pictures below folders; files that match patterns. From
 * folders and patterns, hidden files and annotated copies are left out and the rest is sorted in natural order
 * (`photo2` before `photo10`).
 *
 * @param output a folder that this command writes its results to; pictures in it are skipped when a
 *   folder or a pattern leads there
 */
export async function expandInputs(given: readonly string[], output?: string): Promise<Input[]> {
  const results = output === undefined ? undefined : await realPath(output);
  const isOutput: Skip = async (path) => results !== undefined && (await realPath(path)) === results;
  const isInOutput: Skip = async (path) =>
    results !== undefined && (await realPath(path)).startsWith(join(results, sep));

  const inputs: Input[] = [];
  for (const name of given) {
    if (name === STANDARD_INPUT) {
      inputs.push({ file: name });
      continue;
    }
    const found = await stat(name).catch(() => undefined);
    // Not a pattern, even with a `?`; the estimator reports that URLs are not downloaded.
    if (isAddress(name)) inputs.push({ file: name });
    else if (found?.isDirectory()) inputs.push(...(await expandFolder(name, isOutput)));
    else if (found === undefined && isDynamicPattern(name)) {
      inputs.push(...(await expandPattern(name, isInOutput)));
    } else inputs.push({ file: name });
  }
  return eachOnce(inputs);
}

/** Each picture once, under its first name: inputs may overlap, or name one folder in several ways. */
async function eachOnce(inputs: readonly Input[]): Promise<Input[]> {
  const folders = new Map<string, Promise<string>>();
  const seen = new Set<string>();
  const once: Input[] = [];
  for (const input of inputs) {
    const folder = dirname(input.file);
    if (!folders.has(folder)) folders.set(folder, realPath(folder));
    const key =
      input.file === STANDARD_INPUT || isAddress(input.file)
        ? input.file
        : join((await folders.get(folder))!, basename(input.file));
    if (!seen.has(key)) once.push(input);
    seen.add(key);
  }
  return once;
}

/** Whether a path is skipped. */
type Skip = (path: string) => Promise<boolean>;

async function expandPattern(pattern: string, skip: Skip): Promise<Input[]> {
  const matches = await glob(pattern, { absolute: isAbsolute(pattern), expandDirectories: false });
  const files: string[] = [];
  for (const file of matches.map(normalize)) if (!(await skip(file))) files.push(file);
  const pictures = await withoutCopies(files.sort(byName).map((file) => ({ file })));
  if (pictures.length > 0) return pictures;
  const found = files.length > 0 ? COPIES_ALONE : 'none';
  return [{ file: pattern, error: `${pattern}: expected files that match this pattern, found ${found}` }];
}

async function expandFolder(folder: string, skip: Skip): Promise<Input[]> {
  const inputs = await walk(folder, skip, new Set());
  const pictures = await withoutCopies(inputs);
  if (pictures.length > 0) return pictures;
  const found = inputs.length > 0 ? COPIES_ALONE : 'none';
  const endings = `${EXTENSIONS.slice(0, -1).join(', ')} or ${EXTENSIONS.at(-1)}`;
  return [{ file: folder, error: `${folder}: expected a folder with images (${endings}), found ${found}` }];
}

const COPIES_ALONE = 'only copies with marked faces, which --annotate wrote';

/** File names that `--annotate` may have written. */
const COPY = /\.(jpe?g|jpe|jfif|png)$/i;

/** Without the annotated copies of an earlier run, which have lines drawn across faces. */
async function withoutCopies(inputs: readonly Input[]): Promise<Input[]> {
  const pictures: Input[] = [];
  for (const input of inputs) {
    const copy = !('error' in input) && COPY.test(input.file) && (await isCopy(input.file));
    if (!copy) pictures.push(input);
  }
  return pictures;
}

/** An unreadable file does not count as a copy: estimating it reports why. */
async function isCopy(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const start = new Uint8Array(MARK_WITHIN);
    const { bytesRead } = await file.read(start, 0, start.length, 0);
    return isAnnotated(start.subarray(0, bytesRead));
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

/** @param visited real paths of the folders above: a link to one of them would never end */
async function walk(folder: string, skip: Skip, visited: ReadonlySet<string>): Promise<Input[]> {
  let entries: Dirent[];
  let here: string;
  try {
    here = await realpath(folder);
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    return [{ file: folder, error: `${folder}: cannot list its images: ${reasonOf(error)}` }];
  }
  if (visited.has(here)) return [];
  const inputs: Input[] = [];
  for (const entry of entries.sort((a, b) => byName(a.name, b.name))) {
    if (entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (kind?.isDirectory()) {
      if (!(await skip(path))) inputs.push(...(await walk(path, skip, new Set([...visited, here]))));
    } else if (kind?.isFile() && hasExtension(entry.name)) inputs.push({ file: path });
  }
  return inputs;
}

function hasExtension(name: string): boolean {
  const lower = name.toLowerCase();
  return [...EXTENSIONS, ...UNREADABLE].some((extension) => lower.endsWith(extension));
}

// A fixed locale: the order must not depend on the machine.
const { compare } = new Intl.Collator('en', { numeric: true });

function byName(a: string, b: string): number {
  return compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}
