import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Thrown for a network that does not exist, or pictures that a network does not take: one sentence that says which. */
export class NetworkError extends AgewiseError {
  override readonly name = 'NetworkError';
  static override readonly kind: ErrorKind = 'usage';
}
