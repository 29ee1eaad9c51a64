/** The plain data of splits. */
import type { StoreRow } from '../store/index.js';

/** What a method of splitting looks at. */
export interface SplitSubject {
  /** All rows in order. */
  readonly rows: readonly SplitRow[];
  /** Groups of row numbers of near-duplicate pictures. */
  readonly duplicates: readonly (readonly number[])[];
}

export type SplitRow = Pick<StoreRow, 'path' | 'source' | 'age' | 'gender' | 'identity' | 'split'>;

/** The number of a row's part among the parts' names; `LEFT_OUT` if it is in none. */
export const LEFT_OUT = 255;

/** Parts that one byte can number beside `LEFT_OUT`. */
export const MOST_PARTS = 255;

/** Which part each row belongs to. */
export interface Assignment {
  /** The parts' names, in the order of their numbers. */
  readonly parts: readonly string[];
  /** For each row the number of its part, or `LEFT_OUT`. */
  readonly partOf: Uint8Array;
}
