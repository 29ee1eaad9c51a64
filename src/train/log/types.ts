/** What a run tells of itself while it goes on: one entry after another, in the order of steps. */

import type { Confusion, Figures, Separation } from '../../metrics/index.js';

export interface StepEntry {
  readonly kind: 'step';
  /** Updates so far, over all stages, counted from 1. */
  readonly step: number;
  /** Over all stages, counted from 1. */
  readonly epoch: number;
  readonly stage: string;
  /** The learning rate of this update. */
  readonly rate: number;
  /** Means over the updates since the entry before: `loss`, its parts, and what is known of the errors. */
  readonly train: Figures;
  readonly imagesPerSecond: number;
}

export interface EpochEntry {
  readonly kind: 'epoch';
  readonly step: number;
  readonly epoch: number;
  readonly stage: string;
  readonly rate: number;
  /** Means over the epoch. */
  readonly train: Figures;
  /** Undefined if this epoch was not evaluated. */
  readonly validation?: Figures;
  /** Whether these are the best weights so far. */
  readonly best: boolean;
  /** Seconds of work on this run up to here, its interruptions left out. */
  readonly seconds: number;
}

/** How the predicted distribution depends on the true age: for a plot like system 5's. */
export interface SeparationEntry extends Separation {
  readonly kind: 'separation';
  readonly epoch: number;
  readonly step: number;
}

/** What the best weights so far say of the validation part: how many faces of a class were told to be of which. */
export interface ConfusionEntry {
  readonly kind: 'confusion';
  readonly epoch: number;
  readonly step: number;
  readonly age?: Confusion;
  readonly gender?: Confusion;
}

/** Something worth knowing that does not end the run, such as a collapse. */
export interface NoticeEntry {
  readonly kind: 'notice';
  readonly step: number;
  readonly epoch: number;
  readonly message: string;
}

export type LogEntry = StepEntry | EpochEntry | SeparationEntry | ConfusionEntry | NoticeEntry;
