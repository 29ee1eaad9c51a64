/** The messages between the server and its child processes. */
import type { PackedError } from '../../errors/index.js';
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
  | { readonly kind: 'not loaded'; readonly error: PackedError }
  | { readonly kind: 'done'; readonly id: number; readonly answer: Answer; readonly resident: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PackedError; readonly resident: number };
