import { AgewiseError } from '../errors/index.js';

/** Thrown if the faces lack what a fit needs. */
export class FitError extends AgewiseError {
  override readonly name = 'FitError';
}
