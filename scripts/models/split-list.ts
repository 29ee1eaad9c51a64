/** The lists of pictures in `split/`: which are for validation and which for the test. `list-split.ts` writes them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** Of the 32 digits; no two names of the parts to validate and to test of a set share them. */
export const DIGITS = 8;

/** What a list has of a picture: the first digits of the MD5 of its file name. */
export const nameHash = (path: string): string =>
  createHash('md5').update(basename(path)).digest('hex').slice(0, DIGITS);

/**
 * The hashes of the pictures of a part.
 * @throws Error if the list has no such part
 */
export async function listedHashes(file: string, part: string): Promise<ReadonlySet<string>> {
  let section = '';
  const hashes = new Set<string>();
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    if (line.startsWith('# ')) section = line.slice(2);
    else if (section === part && line !== '') hashes.add(line);
  }
  if (hashes.size === 0) throw new Error(`${file}: expected pictures of part '${part}', found none`);
  return hashes;
}

export type Part = 'train' | 'validation' | 'test';

/** A function that tells the part of a picture by its path: all that a list does not name are learned from. */
export async function readParts(file: string): Promise<(path: string) => Part> {
  const [validation, test] = await Promise.all([
    listedHashes(file, 'validation'),
    listedHashes(file, 'test'),
  ]);
  return (path) => {
    const hash = nameHash(path);
    return test.has(hash) ? 'test' : validation.has(hash) ? 'validation' : 'train';
  };
}
