import { AgewiseError, type ErrorKind } from '../../errors/index.js';

/** Thrown for a recipe that cannot be used, in one sentence that names the file and the field. */
export class RecipeError extends AgewiseError {
  override readonly name = 'RecipeError';
  static override readonly kind: ErrorKind = 'usage';
}
