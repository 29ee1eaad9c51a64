/** What a look over a store finds, as plain data: what `--json` prints and the page shows. */

import { GENDERS } from '../../age/index.js';
import type { StoreInfo, StoreRow } from '../store/index.js';
import type { RejectionReason } from '../types.js';

/** A row as it is shown: enough to find it again. */
export type RowSummary = Pick<StoreRow, 'index' | 'path' | 'age' | 'gender' | 'race'>;

export interface NamedCount {
  readonly name: string;
  readonly count: number;
}

/** Where values lie; see quartiles in report/. */
export interface Spread {
  readonly smallest: number;
  readonly q1: number;
  readonly median: number;
  readonly q3: number;
  readonly largest: number;
}

/** The genders, and what stands for none. */
export const GENDER_NAMES = [...GENDERS, 'unknown'] as const;
export type GenderName = (typeof GENDER_NAMES)[number];

/** How many rows have each kind of age. */
export type LabelKinds = Readonly<Record<'exact' | 'spread' | 'interval' | 'none', number>>;

export interface AgeHistogram {
  /** Rows by year from 0 on, exact ages and means rounded to the nearest; intervals are not in it. */
  readonly years: Readonly<Record<GenderName, readonly number[]>>;
  /** Intervals, by their ends, in order. */
  readonly intervals: readonly { readonly from: number; readonly to: number; readonly count: number }[];
}

/** Years of which there are remarkably many or few; see irregularYears. */
export interface IrregularYear {
  readonly year: number;
  readonly count: number;
  /** What the years around it would let expect. */
  readonly expected: number;
}

export interface AgeIrregularities {
  readonly heaps: readonly IrregularYear[];
  readonly gaps: readonly IrregularYear[];
  /** Years between the youngest and the oldest of which there is none, as runs, both ends included. */
  readonly missing: readonly (readonly [from: number, to: number])[];
  /** Digit preference: 100 where ages in 0 and 5 are as frequent as others, 500 where there are no others. */
  readonly whipple: number | null;
}

/** Rows by age, gender and race. */
export interface AgeTable {
  /** Whether `bands` are the set's own intervals; an interval counts at its middle where they are not. */
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
  /** Pictures of a person. */
  readonly pictures: Spread | null;
}

/** Pictures that are near-duplicates, but whose labels contradict each other. */
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
  /** Above the oldest age that a network tells. */
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
