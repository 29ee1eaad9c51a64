/** How results are printed: text for each picture as it comes, between a head and a tail. */
import type { FailureRecord, PictureRecord } from './record.js';

/** How many there were of each, at the end. */
export interface Totals {
  readonly pictures: number;
  readonly faces: number;
  readonly failed: number;
}

/** Every text is of whole lines, or empty. */
export interface Format {
  /** Whether `picture` says all about a failure, so that stderr need not. */
  readonly tellsErrors: boolean;
  head(): string;
  picture(record: PictureRecord | FailureRecord): string;
  tail(totals: Totals): string;
}
