/** What whoever trains says beside the recipe, and is told. */
import type { TransferProgress } from '../files/index.js';
import type { Device } from '../runtime/index.js';
import type { LogEntry } from './log/index.js';
import type { StepReport } from './loop.js';
import type { Recipe } from './recipe/index.js';
import type { RunProgress } from './run-folder.js';

export interface TrainOptions {
  readonly device?: Device;
  /** Threads of the processor; default one for each core. */
  readonly threads?: number | undefined;
  /** Of an ensemble the one member to train, from 1; all one after another if left out. */
  readonly member?: number | undefined;
  /** Aborted, it ends the run after the update under way, its state saved. */
  readonly signal?: AbortSignal | undefined;
  /** The words of the command line, for the run's facts. */
  readonly command?: readonly string[];
  /** Is told what is about to be trained, of each member anew. */
  readonly onStart?: ((start: RunStart) => void) | undefined;
  readonly onStep?: ((report: StepReport) => void) | undefined;
  /** Is told whatever goes into the history. */
  readonly onEntry?: ((entry: LogEntry) => void) | undefined;
  /** Is told of weights that are fetched or left aside, and of a store that was divided otherwise. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Is told how far a file is that is fetched. */
  readonly onFetch?: ((progress: TransferProgress) => void) | undefined;
}

/** Which network of an ensemble is trained; 1 of 1 if it is none. */
export interface Member {
  /** From 1. */
  readonly member: number;
  readonly members: number;
}

export interface RunStart extends Member {
  readonly folder: string;
  readonly description: string;
  readonly recipe: Recipe;
  readonly faces: { readonly train: number; readonly validation: number };
  /** What gradients change, in numbers. */
  readonly parameters: number;
  /** Updates that were done before. */
  readonly step: number;
}

export interface RunOutcome {
  readonly folder: string;
  readonly progress: RunProgress;
  /** Whether all stages are over. */
  readonly done: boolean;
}
