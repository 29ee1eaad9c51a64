/** The plain data of splits. */
import type { StoreRow } from '../store/index.js';

/** The input of a split method. */
export interface SplitSubject {
  /** All rows in order. */
  readonly rows: readonly SplitRow[];
  /** Groups of row numbers of near-duplicate pictures. */
  readonly duplicates: readonly (readonly number[])[];
}

export type SplitRow = Pick<StoreRow, 'path' | 'source' | 'age' | 'gender' | 'identity' | 'split'>;

/** The part number of rows in no part. */
export const LEFT_OUT = 255;

/** The maximum number of parts that a byte can number in addition to `LEFT_OUT`. */
export const MOST_PARTS = 255;

/** The part of each row. */
export interface Assignment {
  /** The parts' names, by number. */
  readonly parts: readonly string[];
  /** For each row the number of its part, or `LEFT_OUT`. */
  readonly partOf: Uint8Array;
}
