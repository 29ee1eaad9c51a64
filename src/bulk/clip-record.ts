/** A video's results as plain data: what `--json` prints; tables, CSV and Parquet are made from it. */
import type { FaceRecord } from '../estimate/index.js';

/** A person in a video. */
export interface PersonRecord extends FaceRecord {
  /** Counts from 1, in order of appearance. */
  readonly person: number;
  /** When the person was first and last seen, and for how long in total, in seconds. */
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  /** The path of the thumbnail; only with `--annotate`. */
  readonly thumbnail?: string;
}

export interface ClipRecord {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** The people, one row each, in order of appearance. */
  readonly faces: readonly PersonRecord[];
  /** The path of the annotated copy; only with `--annotate`. */
  readonly annotated?: string;
}
