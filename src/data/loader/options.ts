/** What a loader is asked for. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { InputSpec } from '../../metadata/index.js';
import type { KnownBoxes } from '../framing/index.js';
import { DataError } from '../types.js';
import { type AugmentConfig, type AugmentOptions, augmentSchema } from './augment/index.js';
import type { Labels } from './labels.js';

/**
 * - `stored`: all rows as they are stored.
 * - `shuffled`: all rows, in another random order in each epoch.
 * - `balanced`: rows drawn so that every age band is seen equally often (see `bandWeights`).
 * - `smoothed`: rows drawn by the inverse of their age's smoothed density (see `smoothedWeights`).
 */
export const SAMPLINGS = ['stored', 'shuffled', 'balanced', 'smoothed'] as const;
export type Sampling = (typeof SAMPLINGS)[number];

export interface LoaderOptions {
  /** The network's input: size, normalisation, and how a face's box becomes the crop. */
  readonly input: InputSpec;
  /** Faces in a batch. */
  readonly batch: number;
  /** Row numbers, such as a part of a split; default all of the store. */
  readonly rows?: Uint32Array;
  /** What `readLabels` gave of the rows, where that was asked before; it takes the place of `rows`. */
  readonly labels?: Labels;
  /** Where the detector's box lies in the boxes of each store, where these are others; `labels` have it done already. */
  readonly boxes?: readonly (KnownBoxes | undefined)[];
  /** An integer from 0 that all random choices follow from. Default 0. */
  readonly seed?: number;
  /** Default `shuffled`. `weights`, one for each of `rows` and from 0, draws by weights of one's own. */
  readonly sampling?: Sampling | { readonly weights: Float64Array };
  /** Default none; `{}` is all of it as its defaults have it. */
  readonly augment?: AugmentOptions | undefined;
  /** Of several stores as one, what is done to each one's pictures, instead of `augment`. */
  readonly augments?: readonly (AugmentOptions | undefined)[] | undefined;
  /** Whether the batch at an epoch's end that is not full is left out. Default: unless `stored`, which evaluation takes. */
  readonly dropLast?: boolean;
  /** Threads; default half of the processor's, since training wants the others. With 0 the calling thread does it. */
  readonly workers?: number;
  /** Batches that are made ahead, and so held in memory beside the one in use; default two for each thread. */
  readonly prefetch?: number;
  /** Called for each picture that cannot be used, once a row; default a warning of the process. */
  readonly onBadPicture?: (problem: BadPicture) => void;
}

export interface BadPicture {
  readonly row: number;
  /** The row that takes its place. */
  readonly replacement: number;
  /** What is wrong, in one sentence that names the row. */
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

/** @throws DataError that names the first option that is not as it should be. */
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
