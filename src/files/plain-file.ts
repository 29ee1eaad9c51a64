/**
 * What a path leads to. Only a plain file can be read to its end: a pipe is waited for as soon as it is opened, a device
 * may go on for ever.
 */
import { statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { foundInstead } from './reason.js';

/** What is asked of `Stats`, whose own type would come into the declarations and need those of Node. */
interface Kind {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

/** What is there in the place of a plain file, as a sentence has it after "found"; undefined where one is there. */
export function notAFile(found: Kind): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a pipe';
  return found.isSocket() ? 'a socket' : 'a device';
}

/** The same of what a path leads to, links followed; also where nothing is there, or the system refuses to say. */
export async function notAFileAt(path: string): Promise<string | undefined> {
  try {
    return notAFile(await stat(path));
  } catch (error) {
    return foundInstead(error, path);
  }
}

/** As `notAFileAt`, at once, and not by the thread pool. */
export function notAFileAtSync(path: string): string | undefined {
  try {
    return notAFile(statSync(path));
  } catch (error) {
    return foundInstead(error, path);
  }
}
