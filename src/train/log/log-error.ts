import { AgewiseError } from '../../errors/index.js';

/** Thrown if what a run tells of itself cannot be written or read. */
export class LogError extends AgewiseError {
  override readonly name = 'LogError';
}
