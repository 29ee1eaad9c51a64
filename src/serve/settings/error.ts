import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Settings with which no server can start. */
export class SettingsError extends AgewiseError {
  override readonly name = 'SettingsError';
  static override readonly kind: ErrorKind = 'usage';
}
