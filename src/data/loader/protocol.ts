/** What the loader and its threads say to each other. */
import type { InputSpec } from '../../metadata/index.js';
import type { AugmentConfig, Mix } from './augment/index.js';
import type { Labels } from './labels.js';

/** A thread's initial settings. */
export interface WorkerSettings extends Pick<Labels, 'rows' | 'boxes' | 'stores'> {
  /** The folders of the stores, whose rows are numbered one store after another. */
  readonly folders: readonly string[];
  readonly input: InputSpec;
  readonly seed: number;
  /** One for all stores, or one for each. */
  readonly augments: readonly (AugmentConfig | undefined)[];
}

/** One batch to be made. */
export interface BatchTask {
  readonly epoch: number;
  readonly step: number;
  /** See `EpochOrder`. */
  readonly members: Uint32Array;
  readonly repeats: Uint32Array;
  /** Memory for the batch, transferred to the thread and back. */
  readonly memory: ArrayBuffer;
}

/** A position of the batch filled by another row. */
export interface Replacement {
  readonly position: number;
  readonly badMember: number;
  readonly member: number;
  readonly message: string;
}

/** The result of a task. */
export interface MadeBatch {
  readonly memory: ArrayBuffer;
  readonly replacements: readonly Replacement[];
  readonly mix: Mix | undefined;
}

/** Makes batches, in threads or in the calling thread. */
export interface BatchPool {
  make(task: BatchTask): Promise<MadeBatch>;
  close(): Promise<void>;
}

export interface NumberedTask extends BatchTask {
  readonly id: number;
}

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'made'; readonly id: number; readonly made: MadeBatch }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
