import type { ErrorKind } from './kinds.js';

/** The parts of an error's sentence. */
export type ErrorFacts =
  | {
      /** What the error is about: a file, an option, a field, a model. */
      readonly subject: string;
      /** What was expected, such as `an image (JPEG or PNG)`. */
      readonly expected: string;
      /** What was found instead, such as `an empty file`. */
      readonly found: string;
    }
  | {
      readonly subject: string;
      /** The problem, if it is not one thing instead of another: `it cannot be written: the disk is full`. */
      readonly problem: string;
    };

export interface AgewiseErrorOptions extends ErrorOptions {
  /** Overrides the default kind of the class. */
  readonly kind?: ErrorKind;
}

/**
 * An error that a user can cause. Its message is one sentence; its class says which part of the library reports it, its
 * `kind` how a program should handle it. A programmer's mistake is a TypeError or a RangeError instead.
 *
 * @example
 * try {
 *   await AgeEstimator.load({ models: ['no-such-model'] });
 * } catch (error) {
 *   if (error instanceof AgewiseError) console.log(error.kind, error.code, error.subject);
 *   // missing AGEWISE_MODEL_FILE no-such-model
 * }
 */
export abstract class AgewiseError extends Error {
  /** The default kind of the class. */
  static readonly kind: ErrorKind = 'input';

  readonly kind: ErrorKind;
  /** The parts of the sentence; undefined if it has another form. */
  readonly subject: string | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;

  /**
   * @param facts the sentence's parts, or the sentence
   * @param options `cause`: the underlying error, for debugging; not part of the message
   */
  constructor(facts: ErrorFacts | string, { kind, ...options }: AgewiseErrorOptions = {}) {
    super(typeof facts === 'string' ? facts : sentence(facts), options);
    this.kind = kind ?? new.target.kind;
    const parts: Partial<Record<'subject' | 'expected' | 'found', string>> =
      typeof facts === 'string' ? {} : facts;
    this.subject = parts.subject;
    this.expected = parts.expected;
    this.found = parts.found;
  }

  /** The class as a code that bundlers do not shorten: `AGEWISE_IMAGE` for an ImageError. */
  get code(): string {
    const words = this.name.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_');
    return `AGEWISE_${words.toUpperCase()}`;
  }
}

const sentence = (facts: ErrorFacts): string =>
  'problem' in facts
    ? `${facts.subject}: ${facts.problem}`
    : `${facts.subject}: expected ${facts.expected}, found ${facts.found}`;

/** An error's message, with its subject in front exactly once. */
export function sentenceAbout(subject: string, error: unknown): string {
  const { message } = error as Error;
  return error instanceof AgewiseError && error.subject === subject ? message : `${subject}: ${message}`;
}
