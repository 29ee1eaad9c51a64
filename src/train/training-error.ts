import { AgewiseError, type AgewiseErrorOptions, type ErrorKind } from '../errors/index.js';

/** Thrown where training itself fails. */
export class TrainingError extends AgewiseError {
  override readonly name = 'TrainingError';
  static override readonly kind: ErrorKind = 'failed';
  /** Whether the run's log tells of it already. */
  readonly logged: boolean;

  constructor(
    sentence: string,
    { logged = false, ...options }: AgewiseErrorOptions & { logged?: boolean } = {},
  ) {
    super(sentence, options);
    this.logged = logged;
  }
}
