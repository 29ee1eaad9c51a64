import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Thrown for invalid lists of pictures, unfinished results or shards. */
export class BulkError extends AgewiseError {
  override readonly name = 'BulkError';
  static override readonly kind: ErrorKind = 'input';
}
