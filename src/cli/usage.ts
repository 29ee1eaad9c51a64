/** What is said where a command was called wrongly, and the exit codes. */

import { closest } from 'fastest-levenshtein';
import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** Some inputs failed; the others are done. */
  inputsFailed: 1,
  /** The command line is wrong, or a model cannot be loaded: nothing was begun. */
  usage: 2,
  /** Ended by Ctrl-C: 128 and the number of the signal, as shells have it. */
  interrupted: 130,
} as const;

/** A wrong command line, in one sentence. */
export class UsageError extends AgewiseError {
  override readonly name = 'UsageError';
  static override readonly kind: ErrorKind = 'usage';
}

/**
 * The name that `given` was most likely meant to be: one that it begins, else the one at the least edit
 * distance. Undefined only where there are no names.
 */
export function nearest(given: string, names: readonly string[]): string | undefined {
  const begun = names.filter((name) => given.length > 3 && name.startsWith(given));
  const candidates = begun.length > 0 ? begun : names;
  return candidates.length === 0 ? undefined : closest(given, candidates);
}
