/** The options of an estimator and their validation. */
import { suggestion } from '../names/index.js';
import type { ModelInput } from '../registry/index.js';
import type { Device } from '../runtime/index.js';
import { described } from './inputs.js';
import type { OnProgress } from './types.js';

/** The choice and the order of the faces that are estimated. */
export interface FaceOptions {
  /**
   * The minimum score of a face, in 0..1; default 0.45. Lower values give more false faces and skip the second look,
   * which removes most of them.
   */
  readonly minScore?: number;
  /** The minimum length of the shorter side of a face's box, in pixels. Default 0. */
  readonly minFaceSize?: number;
  /** The maximum number of faces per picture, the first ones by `order`. Default all. */
  readonly maxFaces?: number;
  /** Descending by score, or by the area of the box. Default `score`. */
  readonly order?: 'score' | 'size';
}

export interface LoadOptions extends FaceOptions {
  /** Several make an ensemble: their distributions are averaged. Default: the shipped age model. */
  readonly models?: readonly ModelInput[];
  /** Default `cpu`. */
  readonly device?: Device;
  /** Threads on the CPU; default one per core. */
  readonly threads?: number;
  /** Whether to predict gender too, if a model can. Default true. */
  readonly gender?: boolean;
  /** Whether to average over each face and its mirror image, in twice the time. Default false. */
  readonly flip?: boolean;
  /** Whether a picture with no face or only doubtful ones is also searched at 90°, 180° and 270°. Default true. */
  readonly turn?: boolean;
  /** Whether each picture is one cropped face, so that no detection is needed. Default false. */
  readonly cropped?: boolean;
  /**
   * The maximum number of pixels of a picture; a larger one is rejected before it is decoded. Default 100 million, with
   * sides of at most 20,000; a higher limit also allows longer sides. Decoded pixels have no limit.
   */
  readonly maxPixels?: number;
  /** Called for each model loaded. */
  readonly onProgress?: OnProgress;
}

export interface StreamOptions extends FaceOptions {
  /** Ends the work between two pictures, with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface FollowOptions extends FaceOptions {
  /**
   * Faces are detected in every n-th frame. In the others their places are extrapolated from their motion; ages are still
   * estimated from each frame's own pixels. Default 5.
   */
  readonly detectEvery?: number;
  /** How many seconds a face may be missing and still keep its id. Default 1.5. */
  readonly memory?: number;
  /** Whether to detect faces as in a photograph, including small ones; slower. Default false. */
  readonly thorough?: boolean;
}

export interface EstimateOptions extends StreamOptions {
  /** Called for each finished picture. */
  readonly onProgress?: OnProgress;
}

/** The rule of an option: its type and further conditions. */
export interface OptionRule {
  readonly type: 'boolean' | 'number' | 'function' | 'object' | 'string';
  readonly expected: string;
  holds?(value: never): boolean;
}

export type OptionRules<T> = Readonly<Record<keyof T, OptionRule | 'checked where it is used'>>;

const flag: OptionRule = { type: 'boolean', expected: 'true or false' };
const listener: OptionRule = { type: 'function', expected: 'a function' };

const FACE_RULES: OptionRules<FaceOptions> = {
  minScore: {
    type: 'number',
    expected: 'a number in 0..1',
    holds: (score: number) => score >= 0 && score <= 1,
  },
  minFaceSize: {
    type: 'number',
    expected: 'a number of pixels, from 0',
    holds: (size: number) => size >= 0 && size < Number.POSITIVE_INFINITY,
  },
  maxFaces: {
    type: 'number',
    expected: 'a positive whole number',
    holds: (count: number) => Number.isInteger(count) && count > 0,
  },
  order: {
    type: 'string',
    expected: "'score' or 'size'",
    holds: (order: string) => order === 'score' || order === 'size',
  },
};

export const LOAD_RULES: OptionRules<LoadOptions> = {
  models: 'checked where it is used',
  device: 'checked where it is used',
  threads: 'checked where it is used',
  gender: flag,
  flip: flag,
  turn: flag,
  cropped: flag,
  maxPixels: {
    type: 'number',
    expected: 'a positive whole number of pixels',
    holds: (pixels: number) => Number.isSafeInteger(pixels) && pixels > 0,
  },
  onProgress: listener,
  ...FACE_RULES,
};

export const STREAM_RULES: OptionRules<StreamOptions> = {
  signal: {
    type: 'object',
    expected: 'an AbortSignal',
    holds: (signal: object) => signal !== null && 'throwIfAborted' in signal,
  },
  ...FACE_RULES,
};

export const ESTIMATE_RULES: OptionRules<EstimateOptions> = { onProgress: listener, ...STREAM_RULES };

export const FOLLOW_RULES: OptionRules<FollowOptions & StreamOptions> = {
  detectEvery: {
    type: 'number',
    expected: 'a positive whole number of frames',
    holds: (frames: number) => Number.isInteger(frames) && frames > 0,
  },
  memory: {
    type: 'number',
    expected: 'a number of seconds, from 0',
    holds: (seconds: number) => seconds >= 0 && seconds < Number.POSITIVE_INFINITY,
  },
  thorough: flag,
  ...STREAM_RULES,
};

/** The options that choose faces. */
export function faceOptions(options: FaceOptions): FaceOptions {
  const names = new Set(Object.keys(FACE_RULES));
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.has(name) && value !== undefined),
  );
}

/**
 * @throws TypeError for an unknown option, with a suggestion, or a wrong type; RangeError for a value out of range
 */
export function checkOptions<T extends object>(options: T, rules: OptionRules<T>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`options: expected an object, found ${described(options)}`);
  }
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.hasOwn(rules, name) ? rules[name as keyof T] : undefined;
    if (rule === undefined) {
      throw new TypeError(`options: there is no option '${name}'${suggestion(name, Object.keys(rules))}`);
    }
    if (value === undefined || rule === 'checked where it is used') continue;
    const { type, expected, holds } = rule;
    const typed = typeof value === type;
    if (typed && (holds === undefined || holds(value as never))) continue;
    const problem = `${name}: expected ${expected}, found ${described(value)}`;
    throw typed && type !== 'object' ? new RangeError(problem) : new TypeError(problem);
  }
}
