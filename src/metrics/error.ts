import { AgewiseError } from '../errors/index.js';

/** Thrown if faces do not tell what is to be fitted on them. */
export class FitError extends AgewiseError {
  override readonly name = 'FitError';
}
