import { AgewiseError } from '../errors/index.js';

/** Thrown if the file of a model or of weights is missing or cannot be read. */
export class ModelFileError extends AgewiseError {
  override readonly name = 'ModelFileError';
}
