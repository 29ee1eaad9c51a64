import type { ErrorKind } from './kinds.js';

/** What an error says, in its three parts. */
export interface ErrorFacts {
  /** What the error is about: a file, an option, a field, a model. */
  readonly subject: string;
  /** What would have been right, such as `an image (JPEG or PNG)`. */
  readonly expected: string;
  /** What was there instead, such as `an empty file`. */
  readonly found: string;
}

export interface AgewiseErrorOptions extends ErrorOptions {
  /** Where the error is of another kind than most of its class. */
  readonly kind?: ErrorKind;
}

/**
 * An error that a user can cause. Its message is one sentence; its class says which part of the library speaks, its
 * `kind` what it means for a program. A mistake of a programmer is a TypeError or a RangeError instead.
 *
 * @example
 * try {
 *   await AgeEstimator.load({ models: ['my-model'] });
 * } catch (error) {
 *   if (error instanceof AgewiseError && error.kind === 'missing') console.log(error.subject);
 * }
 */
export abstract class AgewiseError extends Error {
  readonly kind: ErrorKind;
  /** The three parts of the sentence; undefined where it has another form. */
  readonly subject: string | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;

  /**
   * @param kind what most errors of the class mean
   * @param problem the sentence's parts, or the sentence
   * @param options `cause`: the error below, for whoever debugs; it is not part of the message
   */
  constructor(kind: ErrorKind, problem: string | ErrorFacts, options: AgewiseErrorOptions = {}) {
    super(
      typeof problem === 'string'
        ? problem
        : `${problem.subject}: expected ${problem.expected}, found ${problem.found}`,
      options,
    );
    this.kind = options.kind ?? kind;
    const facts = typeof problem === 'string' ? undefined : problem;
    this.subject = facts?.subject;
    this.expected = facts?.expected;
    this.found = facts?.found;
  }

  /** The class, in a form that no bundler shortens: `AGEWISE_IMAGE` of an ImageError. */
  get code(): string {
    const words = this.name.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_');
    return `AGEWISE_${words.toUpperCase()}`;
  }
}
