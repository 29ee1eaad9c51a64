/** The flags of `agewise jobs` and `agewise worker` as they are parsed. */
import type { Device } from '../../runtime/index.js';
import type { EstimateFlags } from '../flags.js';

export interface QueueFlags {
  readonly queue: string;
  readonly json?: true;
}

export interface SubmitFlags extends QueueFlags {
  readonly out: string;
  readonly attempts?: number;
  readonly watch?: true;
}

export type JobsEstimateFlags = SubmitFlags &
  Omit<EstimateFlags, 'json' | 'out'> & { readonly shardSize?: number };

export interface JobsEvaluateFlags extends SubmitFlags {
  readonly model: readonly string[];
  readonly data: string;
  readonly split?: string;
  readonly part?: string;
  readonly cropped?: true;
  readonly flip?: true;
  readonly robustness?: number;
  readonly seenFaces?: true;
  readonly device: Device;
  readonly shardSize?: number;
}

export interface JobsTrainFlags extends SubmitFlags {
  readonly data?: readonly string[];
  readonly set?: readonly string[];
  readonly members?: number;
  readonly folds?: number;
  readonly device: Device;
}

export interface WorkerFlags {
  readonly queue: string;
  readonly threads?: number;
  readonly lockSeconds?: number;
}
