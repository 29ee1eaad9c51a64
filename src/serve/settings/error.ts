import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Thrown for invalid settings. */
export class SettingsError extends AgewiseError {
  override readonly name = 'SettingsError';
  static override readonly kind: ErrorKind = 'usage';
}
