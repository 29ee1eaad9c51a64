/** Inputs named on the command line → the pictures, in that order. */

import { open, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, normalize, relative, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import {
  byName,
  exists,
  type FolderEntry,
  isAddress,
  pathOf,
  reasonOf,
  sortedEntries,
} from '../files/index.js';
import { CLIP_ENDINGS, isAnnotated, MARK_WITHIN, READ_ENDINGS, UNREAD_ENDINGS } from '../vision/node.js';
import { realPath } from './paths.js';

/** The name of standard input. */
export const STANDARD_INPUT = '-';

/** Extensions of pictures in a folder. A file named directly may have any extension. */
const EXTENSIONS = READ_ENDINGS.map((ending) => `.${ending}`);

/** Extensions of pictures that cannot be read. Each gets an error, since skipping it silently would be misleading. */
const UNREADABLE = UNREAD_ENDINGS.map((ending) => `.${ending}`);

/** Extensions of videos. In folders, TypeScript files are more common than videos of two of these. */
const VIDEOS = CLIP_ENDINGS.filter((ending) => !['ts', 'mts'].includes(ending)).map((ending) => `.${ending}`);

/** A picture to estimate, or an input without pictures. */
export type Input =
  | { readonly file: string }
  /** `error` is one sentence; of a video in a folder, that it is none of its pictures. */
  | { readonly file: string; readonly error: string; readonly isVideo?: true };

/**
 * Expands inputs: files as given, including missing ones; all pictures below folders; files that match patterns. From
 * folders and patterns, hidden files and annotated copies are left out and the rest is sorted in natural order
 * (`photo2` before `photo10`).
 *
 * @param output a folder that this command writes its results to; pictures in it are skipped when a
 *   folder or a pattern leads there
 */
export async function expandInputs(given: readonly string[], output?: string): Promise<Input[]> {
  const inputs: Input[] = [];
  for await (const input of findInputs(given, output)) inputs.push(input);
  return eachOnce(inputs);
}

/**
 * The same as they are found, however many, of which few are in memory at a time. A picture that several inputs lead to is
 * found by each of them.
 */
export async function* findInputs(
  given: readonly string[],
  output?: string,
): AsyncGenerator<Input, void, undefined> {
  const results = output === undefined ? undefined : await realPath(output);
  const isOutput: Skip = async (path) => results !== undefined && (await realPath(path)) === results;
  const isInOutput: Skip = async (path) =>
    results !== undefined && (await realPath(path)).startsWith(join(results, sep));

  for (const text of given) {
    const name = pathOf(text);
    if (name === STANDARD_INPUT) {
      yield { file: name };
      continue;
    }
    const found = await stat(name).catch(() => undefined);
    // Not a pattern, even with a `?`; the estimator reports that URLs are not downloaded.
    if (isAddress(name)) yield { file: name };
    else if (found?.isDirectory()) yield* expandFolder(name, isOutput);
    else if (found === undefined && name.startsWith(LIST)) yield* listed(name.slice(LIST.length));
    else if (found === undefined && isDynamicPattern(name)) {
      yield* await expandPattern(name, isInOutput);
    } else yield { file: name };
  }
}

/** What comes before the name of a list. */
export const LIST = '@';

/** Whether an input is a list, and not a file of that name. */
export const isList = async (name: string): Promise<boolean> =>
  name.startsWith(LIST) && !(await exists(name));

/** By their paths from here. */
async function* listed(list: string): AsyncGenerator<Input, void, undefined> {
  const { listedPictures } = await import('../bulk/node.js');
  for await (const { picture } of listedPictures(list)) {
    yield { file: isAddress(picture) ? picture : relative('.', picture) };
  }
}

/** Each picture once, under its first name: inputs may overlap, or lead to one file in several ways. */
async function eachOnce(inputs: readonly Input[]): Promise<Input[]> {
  const seen = new Set<string>();
  const once: Input[] = [];
  for (const input of inputs) {
    const key =
      input.file === STANDARD_INPUT || isAddress(input.file) ? input.file : await realPath(input.file);
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
  const found = files.length > 0 ? ONLY_COPIES : 'none';
  return [{ file: pattern, error: `${pattern}: expected files that match this pattern, found ${found}` }];
}

async function* expandFolder(folder: string, skip: Skip): AsyncGenerator<Input, void, undefined> {
  let [pictures, copies] = [0, 0];
  for await (const input of walk(folder, skip, new Set())) {
    if (await isCopy(input)) copies++;
    else {
      pictures++;
      yield input;
    }
  }
  if (pictures > 0) return;
  const found = copies > 0 ? ONLY_COPIES : 'none';
  const endings = `${EXTENSIONS.slice(0, -1).join(', ')} or ${EXTENSIONS.at(-1)}`;
  yield { file: folder, error: `${folder}: expected a folder with images (${endings}), found ${found}` };
}

const ONLY_COPIES = 'only copies with marked faces, which --annotate wrote';

/** File names that `--annotate` may have written. */
const COPY = /\.(jpe?g|jpe|jfif|png)$/i;

/** Without the annotated copies of an earlier run, which have lines drawn across faces. */
async function withoutCopies(inputs: readonly Input[]): Promise<Input[]> {
  const pictures: Input[] = [];
  for (const input of inputs) if (!(await isCopy(input))) pictures.push(input);
  return pictures;
}

/** An unreadable file does not count as a copy: estimating it reports why. */
async function isCopy(input: Input): Promise<boolean> {
  if ('error' in input || !COPY.test(input.file)) return false;
  const file = await open(input.file).catch(() => undefined);
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
async function* walk(
  folder: string,
  skip: Skip,
  visited: ReadonlySet<string>,
): AsyncGenerator<Input, void, undefined> {
  let entries: Awaited<ReturnType<typeof sortedEntries>>;
  let here: string;
  try {
    here = await realpath(folder);
    if (visited.has(here)) return;
    entries = await sortedEntries(folder, mayBeOfInterest);
  } catch (error) {
    yield { file: folder, error: `${folder}: cannot list its images: ${reasonOf(error)}` };
    return;
  }
  for await (const { name, kind } of entries) {
    const path = join(folder, name);
    const linked = kind === 'l' ? await stat(path).catch(() => undefined) : undefined;
    if (kind === 'd' || linked?.isDirectory()) {
      if (!(await skip(path))) yield* walk(path, skip, new Set([...visited, here]));
    } else if ((kind === 'f' || linked?.isFile()) && isOfInterest(name)) {
      yield endsWith(name, VIDEOS)
        ? { file: path, error: `${path}: ${A_VIDEO}`, isVideo: true }
        : { file: path };
    }
  }
}

const A_VIDEO = 'expected an image, found a video (videos are estimated alone, each by its name)';

const mayBeOfInterest = ({ name, kind }: FolderEntry): boolean =>
  !name.startsWith('.') && (kind !== 'f' || isOfInterest(name));

const isOfInterest = (name: string): boolean => endsWith(name, [...EXTENSIONS, ...UNREADABLE, ...VIDEOS]);

function endsWith(name: string, extensions: readonly string[]): boolean {
  const lower = name.toLowerCase();
  return extensions.some((extension) => lower.endsWith(extension));
}
