import { AgewiseError, type ErrorKind } from '../errors/index.js';

/** Thrown if jobs cannot be queued or done, because of the queue, the submitted task or a shard. */
export class JobsError extends AgewiseError {
  override readonly name = 'JobsError';
  static override readonly kind: ErrorKind = 'usage';
}
