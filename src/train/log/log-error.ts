import { AgewiseError } from '../../errors/index.js';

/** Thrown if a run's logs cannot be written or read. */
export class LogError extends AgewiseError {
  override readonly name = 'LogError';
}
