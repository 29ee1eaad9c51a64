/** The entries of a run's log, in the order of steps. */

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
  /** Means over the updates since the entry before: `loss`, its parts, and the known errors. */
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
  /** Training time so far in seconds, without interruptions. */
  readonly seconds: number;
}

/** How the predicted distribution depends on the true age: for plots. */
export interface SeparationEntry extends Separation {
  readonly kind: 'separation';
  readonly epoch: number;
  readonly step: number;
}

/** The confusion of the best weights so far on the validation part: predicted classes by true class. */
export interface ConfusionEntry {
  readonly kind: 'confusion';
  readonly epoch: number;
  readonly step: number;
  readonly age?: Confusion;
  readonly gender?: Confusion;
}

/** A notice that does not end the run, such as a collapse. */
export interface NoticeEntry {
  readonly kind: 'notice';
  readonly step: number;
  readonly epoch: number;
  readonly message: string;
}

export type LogEntry = StepEntry | EpochEntry | SeparationEntry | ConfusionEntry | NoticeEntry;
