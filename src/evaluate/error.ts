import { AgewiseError } from '../errors/index.js';

/** Thrown if an evaluation is impossible with the given data: no ages, another model's predictions, a damaged file. */
export class EvaluationError extends AgewiseError {
  override readonly name = 'EvaluationError';
}
