import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Thrown where lists of pictures, unfinished results or shards are not what they should be. */
export class BulkError extends AgewiseError {
  override readonly name = 'BulkError';
  static override readonly kind: ErrorKind = 'input';
}
