import { AgewiseError } from '../errors/index.js';

/** Thrown if a model's metadata are missing, malformed or contradicted by its graph. */
export class MetadataError extends AgewiseError {
  override readonly name = 'MetadataError';
}
