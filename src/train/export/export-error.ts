import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Thrown if runs cannot be exported as the requested model. */
export class ExportError extends AgewiseError {
  override readonly name = 'ExportError';
  static override readonly kind: ErrorKind = 'usage';
}
