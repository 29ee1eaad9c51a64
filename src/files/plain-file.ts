/**
 * What a path points to. Only a plain file can be read to its end: opening a pipe blocks, and a device may never end.
 */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { foundInstead } from './reason.js';

/** The methods used of `Stats`. Naming that type would make the declarations depend on Node's types. */
interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

/** What exists instead of a plain file, worded to follow "found"; undefined if it is a plain file. */
export function notAFile(found: Kind): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

/** The same for what a path points to, following links; also if nothing exists there or the system refuses access. */
export async function notAFileAt(path: string): Promise<string | undefined> {
  try {
    return notAFile(await stat(path));
  } catch (error) {
    return foundInstead(error, path);
  }
}

/** `notAFileAt`, synchronously. */
export function notAFileAtSync(path: string): string | undefined {
  try {
    return notAFile(statSync(path));
  } catch (error) {
    return foundInstead(error, path);
  }
}
