/** Options of training beside the recipe, and its callbacks. */
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
  /** For an ensemble, the member to train, from 1; default: all, one after another. */
  readonly member?: number | undefined;
  /** Aborting it ends the run after the current update, with its state saved. */
  readonly signal?: AbortSignal | undefined;
  /** The command line, for the run's facts. */
  readonly command?: readonly string[];
  /** Called before training starts, for each member. */
  readonly onStart?: ((start: RunStart) => void) | undefined;
  readonly onStep?: ((report: StepReport) => void) | undefined;
  /** Called for each entry of the history. */
  readonly onEntry?: ((entry: LogEntry) => void) | undefined;
  /** Called with notices about downloaded or unused weights, and about stores with another split. */
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Called with the progress of downloads. */
  readonly onFetch?: ((progress: TransferProgress) => void) | undefined;
}

/** The member being trained; 1 of 1 for a single run. */
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
  /** The number of trainable parameters. */
  readonly parameters: number;
  /** Updates done before. */
  readonly step: number;
}

export interface RunOutcome {
  readonly folder: string;
  readonly progress: RunProgress;
  /** Whether all stages are finished. */
  readonly done: boolean;
}
