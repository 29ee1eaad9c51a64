/** What the server and its child processes tell each other. */
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

/** The faces of one picture are to be estimated. */
export interface EstimateTask {
  readonly do: 'estimate';
  /** The file's bytes. */
  readonly picture: Uint8Array;
  readonly faces: FaceOptions;
  readonly details: FaceDetails;
}

/** Whether one picture shows somebody old enough is to be said. */
export interface VerifyTask {
  readonly do: 'verify';
  readonly picture: Uint8Array;
  readonly rule: AgeRule;
}

/** One network is to be run on prepared faces. */
export interface NetworkTask {
  readonly do: 'run';
  /** Its place among the models of `ChildOptions`. */
  readonly model: number;
  /** `[count, 3, H, W]` or `[count, H, W, 3]`, as its metadata say. */
  readonly image: Float32Array;
  readonly count: number;
}

/** A body of the inference protocol is to be read: parsing a large one takes longer than the server's own process may. */
export interface ReadTask {
  readonly do: 'read';
  readonly body: Uint8Array;
  /** The bytes of its JSON part. */
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

/** How a child's estimator is loaded. */
export interface ChildOptions extends Pick<LoadOptions, 'gender' | 'turn' | 'flip' | 'cropped'> {
  /** Shipped models or paths. Default: the age model that ships. */
  readonly models?: readonly string[];
  readonly maxPixels: number;
  /** The most whole seconds that decoding a picture may take; undefined for no limit. */
  readonly maxDecodeSeconds?: number | undefined;
}

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
