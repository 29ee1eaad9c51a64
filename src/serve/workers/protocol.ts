/** The messages between the server and its child processes. */
import { AgewiseError, type ErrorKind } from '../../errors/index.js';
import type {
  AgeRule,
  AgeVerification,
  FaceDetails,
  FaceOptions,
  FaceRecord,
  LoadOptions,
} from '../../estimate/node.js';
import type { InferenceRequest, Signature } from '../inference/index.js';

/** Estimate the faces of one picture. */
export interface EstimateTask {
  readonly do: 'estimate';
  /** The file's bytes. */
  readonly picture: Uint8Array;
  readonly faces: FaceOptions;
  readonly details: FaceDetails;
}

/** Check whether one picture shows somebody old enough. */
export interface VerifyTask {
  readonly do: 'verify';
  readonly picture: Uint8Array;
  readonly rule: AgeRule;
}

/** Run one network on prepared faces. */
export interface NetworkTask {
  readonly do: 'run';
  /** Its index among the models of `ChildOptions`. */
  readonly model: number;
  /** `[count, 3, H, W]` or `[count, H, W, 3]`, according to its metadata. */
  readonly image: Float32Array;
  readonly count: number;
}

/** Parse a body of the inference protocol that is too large for the server's own process. */
export interface ReadTask {
  readonly do: 'read';
  readonly body: Uint8Array;
  /** The length of its JSON part in bytes. */
  readonly jsonBytes: number;
  readonly signature: Signature;
}

export type ChildTask = EstimateTask | VerifyTask | NetworkTask | ReadTask;

export interface PictureAnswer {
  /** The upright picture's size in pixels. */
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceRecord[];
}

/** A network's raw outputs: `[count, K]` and `[count, 1 or 2]`. */
export interface NetworkAnswer {
  readonly age?: Float32Array | undefined;
  readonly gender?: Float32Array | undefined;
}

interface Answers {
  readonly estimate: PictureAnswer;
  readonly verify: AgeVerification;
  readonly run: NetworkAnswer;
  readonly read: InferenceRequest;
}

export type AnswerOf<T extends ChildTask> = Answers[T['do']];
export type ChildAnswer = AnswerOf<ChildTask>;

/** The options of a child's estimator. */
export interface ChildOptions extends Pick<LoadOptions, 'gender' | 'turn' | 'flip' | 'cropped'> {
  /** Shipped models or paths. Default: the age model that ships. */
  readonly models?: readonly string[];
  readonly maxPixels: number;
  /** The time limit for decoding a picture in whole seconds; undefined for none. */
  readonly maxDecodeSeconds?: number | undefined;
}

/** Messages to a child. */
export type ToChild<Settings, Task> =
  | { readonly kind: 'load'; readonly settings: Settings }
  | { readonly kind: 'run'; readonly id: number; readonly task: Task }
  /** The answer to a task is not needed: skip what has not started. */
  | { readonly kind: 'cancel'; readonly id: number }
  /** Sent while no task is running: free everything and exit. */
  | { readonly kind: 'end' };

/** Messages from a child. `resident` is its memory in bytes. */
export type FromChild<Answer> =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'not loaded'; readonly error: PlainError }
  | { readonly kind: 'done'; readonly id: number; readonly answer: Answer; readonly resident: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PlainError; readonly resident: number };

/** An error as plain data. */
export interface PlainError {
  readonly message: string;
  readonly stack: string | undefined;
  /** Present for an error that a user can cause. */
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

/** An error reported by a child, with the same kind, code and message. */
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
