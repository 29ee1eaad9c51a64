import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Thrown for an unknown network, or for pictures that a network does not accept. */
export class NetworkError extends AgewiseError {
  override readonly name = 'NetworkError';
  static override readonly kind: ErrorKind = 'usage';
}
