/** What the server and its child processes tell each other. */
import { AgewiseError, type ErrorKind } from '../../errors/index.js';
import type { FaceDetails, FaceOptions, FaceRecord, LoadOptions } from '../../estimate/node.js';

/** One picture to be estimated. */
export interface PictureTask {
  /** The file's bytes. */
  readonly picture: Uint8Array;
  readonly faces: FaceOptions;
  readonly details: FaceDetails;
}

export interface PictureAnswer {
  /** The upright picture's size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceRecord[];
}

/** How a child's estimator is loaded. */
export type ChildOptions = Omit<LoadOptions, 'onProgress'>;

/** What a child is told, of the settings that it starts with and the tasks that it is given. */
export type ToChild<Settings, Task> =
  | { readonly kind: 'load'; readonly settings: Settings }
  | { readonly kind: 'run'; readonly task: Task }
  /** Nothing is under way: free what is held, and end. */
  | { readonly kind: 'end' };

/** What a child answers. `resident` is its memory in bytes. */
export type FromChild<Answer> =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'not loaded'; readonly error: PlainError }
  | { readonly kind: 'done'; readonly answer: Answer; readonly resident: number }
  | { readonly kind: 'failed'; readonly error: PlainError; readonly resident: number };

/** An error as plain data. */
export interface PlainError {
  readonly message: string;
  readonly stack: string | undefined;
  /** Where a user can have caused it. */
  readonly facts?: {
    readonly kind: ErrorKind;
    readonly code: string;
    readonly subject: string | undefined;
    readonly expected: string | undefined;
    readonly found: string | undefined;
  };
}

export function plainError(error: unknown): PlainError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  if (!(error instanceof AgewiseError)) return { message, stack };
  const { kind, code, subject, expected, found } = error;
  return { message, stack, facts: { kind, code, subject, expected, found } };
}

/** An error that a child told of: of the same kind, with the same code and the same words. */
export class ChildError extends AgewiseError {
  override readonly name = 'ChildError';

  constructor(
    error: PlainError,
    private readonly facts: NonNullable<PlainError['facts']>,
  ) {
    const { kind, subject, expected, found } = facts;
    const parts = subject !== undefined && expected !== undefined && found !== undefined;
    super(parts ? { subject, expected, found } : error.message, { kind });
    if (error.stack !== undefined) this.stack = error.stack;
  }

  override get code(): string {
    return this.facts.code;
  }
}

export function errorOf(plain: PlainError): Error {
  if (plain.facts !== undefined) return new ChildError(plain, plain.facts);
  const error = new Error(plain.message);
  if (plain.stack !== undefined) error.stack = plain.stack;
  return error;
}
