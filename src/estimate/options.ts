/** What an estimator is asked for, and the complaint where it is asked for something else. */
import { suggestion } from '../names/index.js';
import type { ModelInput } from '../registry/index.js';
import type { Device } from '../runtime/index.js';
import { described } from './inputs.js';
import type { OnProgress } from './types.js';

/** Which of the faces found in a picture are estimated, and in which order they stand. */
export interface FaceOptions {
  /** The least score of a face, in 0..1; default 0.45. Lower ones find more that is no face, and leave out the second look
   *  that tells most of it. */
  readonly minScore?: number;
  /** Pixels that the shorter side of a face's box must measure. Default 0. */
  readonly minFaceSize?: number;
  /** How many faces of a picture are estimated: the first by `order`. Default all. */
  readonly maxFaces?: number;
  /** Descending by score, or by the area of the box. Default `score`. */
  readonly order?: 'score' | 'size';
}

export interface LoadOptions extends FaceOptions {
  /** Several make an ensemble: their distributions are averaged. Default: the age model that ships. */
  readonly models?: readonly ModelInput[];
  /** Default `cpu`. */
  readonly device?: Device;
  /** Threads on the CPU; default one for each core. */
  readonly threads?: number;
  /** Whether to tell gender too, where a model can. Default true. */
  readonly gender?: boolean;
  /** Whether to average over each face and its mirror image; takes twice the time. Default false. */
  readonly flip?: boolean;
  /** Whether a picture without a face, or with doubtful ones, is also looked at turned by 90°, 180° and 270°.
   *  Default true. */
  readonly turn?: boolean;
  /** Whether each picture is one face, already cropped, so that none is looked for. Default false. */
  readonly cropped?: boolean;
  /** The most pixels that a picture may have; a larger one is refused before it is decoded. Default 100 million, of at
   *  most 20,000 a side; a higher limit takes longer sides too. Pixels that are given decoded have none. */
  readonly maxPixels?: number;
  /** Told of each model loaded. */
  readonly onProgress?: OnProgress;
}

export interface StreamOptions extends FaceOptions {
  /** Ends the work between two pictures, with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface EstimateOptions extends StreamOptions {
  /** Told of each picture done. */
  readonly onProgress?: OnProgress;
}

/** What an option must be: its type, and what besides. */
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

/** The options that choose faces. */
export function faceOptions(options: FaceOptions): FaceOptions {
  const names = new Set(Object.keys(FACE_RULES));
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.has(name) && value !== undefined),
  );
}

/**
 * @throws TypeError where an option is not known, which says which may have been meant, or is of another type;
 * RangeError where its value is none that it may have
 */
export function checkOptions<T extends object>(options: T, rules: OptionRules<T>): void {
  if (typeof options !== 'object' || options === null) {
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
