/** What a loader is asked for. */
import { availableParallelism } from 'node:os';
import * as z from 'zod';
import type { InputSpec } from '../../metadata/index.js';
import type { KnownBoxes } from '../framing/index.js';
import { DataError } from '../types.js';
import { type AugmentConfig, type AugmentOptions, augmentSchema } from './augment/index.js';
import type { Labels } from './labels.js';

/**
 * - `stored`: all rows in stored order.
 * - `shuffled`: all rows, in a new random order each epoch.
 * - `balanced`: rows drawn so that every age band occurs equally often (see `bandWeights`).
 * - `smoothed`: rows drawn by the inverse of their age's smoothed density (see `smoothedWeights`).
 */
export const SAMPLINGS = ['stored', 'shuffled', 'balanced', 'smoothed'] as const;
export type Sampling = (typeof SAMPLINGS)[number];

export interface LoaderOptions {
  /** The network's input: size, normalisation and crop. */
  readonly input: InputSpec;
  /** Faces in a batch. */
  readonly batch: number;
  /** Row numbers, such as a part of a split; default all of the store. */
  readonly rows?: Uint32Array;
  /** The result of `readLabels`, if it was called before; replaces `rows`. */
  readonly labels?: Labels;
  /** Where the detector's box lies in the boxes of each store, where these are others; `labels` have it done already. */
  readonly boxes?: readonly (KnownBoxes | undefined)[];
  /** An integer from 0 that all random choices follow from. Default 0. */
  readonly seed?: number;
  /** Default `shuffled`. `weights` has a weight of at least 0 for each of `rows`. */
  readonly sampling?: Sampling | { readonly weights: Float64Array };
  /** Default none; `{}` is all augmentations with their defaults. */
  readonly augment?: AugmentOptions | undefined;
  /** With several stores, the augmentation of each, instead of `augment`. */
  readonly augments?: readonly (AugmentOptions | undefined)[] | undefined;
  /** Whether to drop an incomplete batch at an epoch's end. Default: unless sampling is `stored`, as in evaluation. */
  readonly dropLast?: boolean;
  /**
   * The number of threads; default half of the processor's, since training needs the others. With 0 the calling thread
   * does the work.
   */
  readonly workers?: number;
  /** The number of batches to prefetch, held in memory in addition to the one in use; default two per thread. */
  readonly prefetch?: number;
  /** Called for each picture that cannot be used, once a row; default a warning of the process. */
  readonly onBadPicture?: (problem: BadPicture) => void;
}

export interface BadPicture {
  readonly row: number;
  /** The row that replaces it. */
  readonly replacement: number;
  /** The problem, in one sentence that names the row. */
  readonly message: string;
}

const MOST_WORKERS = 64;
const positive = z.int().min(1);

const schema = z.object({
  batch: positive,
  seed: z.int().min(0).default(0),
  sampling: z
    .union([z.enum(SAMPLINGS), z.object({ weights: z.instanceof(Float64Array) })])
    .default('shuffled'),
  augment: augmentSchema.optional(),
  augments: z.array(augmentSchema.optional()).min(1).optional(),
  dropLast: z.boolean().optional(),
  workers: z
    .int()
    .min(0)
    .max(MOST_WORKERS)
    .default(() => Math.max(1, availableParallelism() >> 1)),
  prefetch: positive.optional(),
});

export type CheckedOptions = Omit<
  z.output<typeof schema>,
  'augment' | 'augments' | 'dropLast' | 'prefetch'
> & {
  /** One for all stores, or one for each. */
  readonly augments: readonly (AugmentConfig | undefined)[];
  readonly dropLast: boolean;
  readonly prefetch: number;
};

/** @throws DataError that names the first invalid option. */
export function checkOptions(options: LoaderOptions): CheckedOptions {
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new DataError(`Loader option '${issue.path.join('.')}': ${issue.message}`);
  }
  const {
    augment,
    augments = [augment],
    workers,
    sampling,
    dropLast = sampling !== 'stored',
    prefetch = Math.max(1, 2 * workers),
    ...rest
  } = parsed.data;
  return { ...rest, workers, sampling, augments, dropLast, prefetch };
}
