/** How results are printed: text for each picture as it comes, between a head and a tail. */
import type { FailureRecord, PictureRecord } from '../bulk/index.js';

/** The counts printed at the end. */
export interface Totals {
  readonly pictures: number;
  /** The number of pictures requested; more than `pictures` after an interrupt. */
  readonly of?: number;
  readonly faces: number;
  readonly failed: number;
}

/** Every text is whole lines, or empty. */
export interface Format {
  /** Whether `picture` prints failures, so that stderr need not. */
  readonly includesErrors: boolean;
  head(): string;
  picture(record: PictureRecord | FailureRecord): string;
  tail(totals: Totals): string;
}
