/** What a look over a store finds, as plain data: what `--json` prints and the page shows. */

import { GENDERS } from '../../age/index.js';
import type { StoreInfo, StoreRow } from '../store/index.js';
import type { RejectionReason } from '../types.js';

/** A row as shown: enough to identify it. */
export type RowSummary = Pick<StoreRow, 'index' | 'path' | 'face' | 'age' | 'gender' | 'race'>;

export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/** The distribution of values; see quartiles in report/. */
export interface Spread {
  readonly smallest: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly largest: number;
}

/** The genders, and the name for an unknown one. */
export const GENDER_NAMES = [...GENDERS, 'unknown'] as const;
export type GenderName = (typeof GENDER_NAMES)[number];

/** How many rows have each kind of age. */
export type LabelKinds = Readonly<Record<'exact' | 'spread' | 'interval' | 'none', number>>;

export interface AgeHistogram {
  /** Rows by year from 0, exact ages and means rounded to the nearest; intervals are excluded. */
  readonly years: Readonly<Record<GenderName, readonly number[]>>;
  /** Intervals, by their ends, in order. */
  readonly intervals: readonly { readonly from: number; readonly to: number; readonly count: number }[];
}

/** Years with unusually many or few rows; see irregularYears. */
export interface IrregularYear {
  readonly year: number;
  readonly count: number;
  /** The count that the surrounding years suggest. */
  readonly expected: number;
}

export interface AgeIrregularities {
  readonly heaps: readonly IrregularYear[];
  readonly gaps: readonly IrregularYear[];
  /** Years without rows between the youngest and the oldest, as ranges, both ends included. */
  readonly missing: readonly (readonly [from: number, to: number])[];
  /** Digit preference: 100 if ages ending in 0 and 5 are as frequent as others, 500 if there are no others. */
  readonly whipple: number | null;
}

/** Rows by age, gender and race. */
export interface AgeTable {
  /** Whether `bands` are the set's own intervals; otherwise an interval counts at its middle. */
  readonly ownIntervals: boolean;
  readonly bands: readonly string[];
  /** The most frequent ones first. */
  readonly races: readonly string[];
  /** By band, then gender as in GENDER_NAMES, then race. */
  readonly counts: readonly (readonly (readonly number[])[])[];
}

export interface PictureSizes {
  /** In pixels. */
  readonly width: Spread | null;
  readonly height: Spread | null;
  /** Of a picture, in bytes. */
  readonly bytes: Spread | null;
  readonly totalBytes: number;
  /** The most frequent ones, such as `200 × 200`. */
  readonly frequent: readonly NamedCount[];
  readonly distinct: number;
  readonly formats: readonly NamedCount[];
  /** Rows whose picture cannot be read. */
  readonly unreadable: readonly number[];
}

export interface IdentityCounts {
  readonly persons: number;
  readonly rows: number;
  /** Pictures per person. */
  readonly pictures: Spread | null;
}

/** Near-duplicates with contradicting labels. */
export interface Conflict {
  readonly rows: readonly RowSummary[];
  /** Between the youngest and the oldest label, in years; between the nearest ends of intervals. */
  readonly years: number;
  readonly genders: boolean;
}

export interface DuplicateCounts {
  readonly groups: number;
  /** Rows in groups. */
  readonly rows: number;
  readonly largest: number;
}

export interface RejectCounts {
  readonly reason: RejectionReason;
  readonly count: number;
  readonly examples: readonly { readonly path: string; readonly detail: string }[];
}

export interface SuspiciousLabels {
  readonly conflicts: { readonly count: number; readonly worst: readonly Conflict[] };
  /** Rows above the oldest age of networks. */
  readonly extreme: { readonly count: number; readonly oldest: readonly RowSummary[] };
}

export interface Inspection {
  readonly store: StoreInfo;
  readonly rows: number;
  readonly kinds: LabelKinds;
  readonly ages: AgeHistogram;
  readonly irregularities: AgeIrregularities;
  readonly table: AgeTable;
  readonly genders: readonly NamedCount[];
  readonly sources: readonly NamedCount[];
  readonly splits: readonly NamedCount[];
  readonly identities: IdentityCounts;
  readonly pictures: PictureSizes;
  readonly duplicates: DuplicateCounts;
  readonly suspicious: SuspiciousLabels;
  readonly rejects: readonly RejectCounts[];
  /** A sample of each of the table's bands, drawn with `seed`. */
  readonly samples: readonly {
    readonly band: string;
    readonly count: number;
    readonly rows: readonly RowSummary[];
  }[];
  readonly seed: number;
}
