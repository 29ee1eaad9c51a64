import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Thrown if a file or folder cannot be written: the system refuses, or another process is writing it. */
export class FileError extends AgewiseError {
  override readonly name = 'FileError';
  static override readonly kind: ErrorKind = 'failed';
}
