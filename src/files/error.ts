import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Thrown where a file or folder cannot be written: the system refuses, or somebody else writes it. */
export class FileError extends AgewiseError {
  override readonly name = 'FileError';
  static override readonly kind: ErrorKind = 'failed';
}
