/** The error of a wrong command line, and the exit codes. */
import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** Some inputs failed; the others are done. */
  inputsFailed: 1,
  /** The command line is wrong, or a model cannot be loaded: nothing was started. */
  usage: 2,
  /** Ended by Ctrl-C: 128 plus the signal's number, as in shells. */
  interrupted: 130,
} as const;

/** A wrong command line, in one sentence. */
export class UsageError extends AgewiseError {
  override readonly name = 'UsageError';
  static override readonly kind: ErrorKind = 'usage';
}
