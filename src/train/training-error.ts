import { AgewiseError, type AgewiseErrorOptions, type ErrorFacts, type ErrorKind } from '../errors/index.js';

/** Thrown if training itself fails. */
export class TrainingError extends AgewiseError {
  override readonly name = 'TrainingError';
  static override readonly kind: ErrorKind = 'failed';
  /** Whether the run's log already contains it. */
  readonly logged: boolean;

  constructor(
    facts: ErrorFacts | string,
    { logged = false, ...options }: AgewiseErrorOptions & { logged?: boolean } = {},
  ) {
    super(facts, options);
    this.logged = logged;
  }
}
