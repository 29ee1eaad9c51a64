import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Thrown if runs cannot be made into the model that was asked for. */
export class ExportError extends AgewiseError {
  override readonly name = 'ExportError';
  static override readonly kind: ErrorKind = 'usage';
}
