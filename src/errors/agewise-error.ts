import type { ErrorKind } from './kinds.js';

/** What an error says. */
export type ErrorFacts =
  | {
      /** What the error is about: a file, an option, a field, a model. */
      readonly subject: string;
      /** What would have been right, such as `an image (JPEG or PNG)`. */
      readonly expected: string;
      /** What was there instead, such as `an empty file`. */
      readonly found: string;
    }
  | {
      readonly subject: string;
      /** What is wrong with it, where that is not one thing in another's place: `it cannot be written: the disk is full`. */
      readonly problem: string;
    };

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
 *   await AgeEstimator.load({ models: ['no-such-model'] });
 * } catch (error) {
 *   if (error instanceof AgewiseError) console.log(error.kind, error.code, error.subject);
 *   // missing AGEWISE_MODEL_FILE no-such-model
 * }
 */
export abstract class AgewiseError extends Error {
  /** What most errors of a class mean. */
  static readonly kind: ErrorKind = 'input';

  readonly kind: ErrorKind;
  /** The parts of the sentence; undefined where it has another form. */
  readonly subject: string | undefined;
  readonly expected: string | undefined;
  readonly found: string | undefined;

  /**
   * @param facts the sentence's parts, or the sentence
   * @param options `cause`: the error below, for whoever debugs; it is not part of the message
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

  /** The class, in a form that no bundler shortens: `AGEWISE_IMAGE` of an ImageError. */
  get code(): string {
    const words = this.name.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_');
    return `AGEWISE_${words.toUpperCase()}`;
  }
}

const sentence = (facts: ErrorFacts): string =>
  'problem' in facts
    ? `${facts.subject}: ${facts.problem}`
    : `${facts.subject}: expected ${facts.expected}, found ${facts.found}`;

/** What an error says, in a sentence that begins with what it is about, once. */
export function sentenceAbout(subject: string, error: unknown): string {
  const { message } = error as Error;
  return error instanceof AgewiseError && error.subject === subject ? message : `${subject}: ${message}`;
}
