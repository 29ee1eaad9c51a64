import { join, posix } from 'node:path';
import { DataError, type Reading } from '../../types.js';
import { checked } from './checked.js';
import { expectFolder, picturesBelow } from './files.js';
import type { Labels } from './labels.js';
import { badName } from './rejection.js';

/** How a set without label files encodes labels in paths. */
export interface Naming {
  /** The set's name, and an example of its picture names, for errors. */
  readonly title: string;
  readonly example: string;
  /** The labels that a path holds, or a sentence that says what was expected and what was found. */
  parse(path: string): Labels | string;
  /** Identifies pictures: the file name, unless it needs its folders. */
  key?(path: string): string;
}

/**
 * The pictures below `source` in the order of their paths.
 * @throws DataError if there is no such folder, or no picture in it with a valid name.
 */
export async function* readNamed(
  source: string,
  { title, example, parse, key = posix.basename }: Naming,
): AsyncIterable<Reading> {
  await expectFolder(source, title);
  const paths = await picturesBelow(source);
  if (!paths.some((path) => typeof parse(path) !== 'string')) {
    const found =
      paths[0] === undefined ? 'no picture' : `${paths.length} named otherwise, the first ${paths[0]}`;
    throw new DataError(`${source}: expected pictures of ${title}, named like ${example}; found ${found}`);
  }
  yield* checked(source, readPaths(source, paths, parse), key);
}

function* readPaths(source: string, paths: readonly string[], parse: Naming['parse']): Iterable<Reading> {
  for (const path of paths) {
    const labels = parse(path);
    if (typeof labels === 'string') yield badName(path, labels);
    else yield { path, image: { file: join(source, path) }, ...labels };
  }
}
