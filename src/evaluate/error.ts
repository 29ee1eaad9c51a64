import { AgewiseError } from '../errors/index.js';

/** Thrown where an evaluation cannot be made of what was given: no ages, another model's predictions, a damaged file. */
export class EvaluationError extends AgewiseError {
  override readonly name = 'EvaluationError';
}
