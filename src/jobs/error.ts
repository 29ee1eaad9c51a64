import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Thrown if jobs cannot be handed out or done: the queue, what was submitted, or what a shard found. */
export class JobsError extends AgewiseError {
  override readonly name = 'JobsError';
  static override readonly kind: ErrorKind = 'usage';
}
