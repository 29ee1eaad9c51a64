/** Where benchmarks find their photographs and reference models. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A benchmark's material is not on this machine: the benchmark cannot be run, which is not a failure. */
export class AbsentError extends Error {
  override readonly name = 'AbsentError';
}

/** The path of a file or folder in `../shared` beside the repository, or undefined if it is absent. */
export function findShared(...parts: string[]): string | undefined {
  const found = path.join(ROOT, '..', 'shared', ...parts);
  return existsSync(found) ? found : undefined;
}

/** Like `findShared`, but throws an AbsentError that names what is missing. */
export function requireShared(...parts: string[]): string {
  const found = findShared(...parts);
  if (found === undefined) {
    throw new AbsentError(`../shared/${parts.join('/')} is absent`);
  }
  return found;
}

/** Paths of the JPEG and PNG files in one folder, sorted by name. */
export async function listImages(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => /\.(jpe?g|png)$/i.test(name))
    .sort()
    .map((name) => path.join(folder, name));
}
