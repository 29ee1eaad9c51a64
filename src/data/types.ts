/** The plain data that data/ passes on: a source on disk → samples → cleaned samples → rows of a store → batches. */

import type { AgeLabel, Gender } from '../age/index.js';
import { AgewiseError } from '../errors/index.js';
import type { Box } from '../vision/index.js';

export type { Gender };

/** A picture's encoded bytes: a file, or an object that provides them on demand. */
export type ImageSource = { readonly file: string } | { readonly bytes: () => Promise<Uint8Array> };

/** A picture with a data set's labels. Unknown labels are left out. */
export interface Sample {
  /** The picture's path inside the data set, with forward slashes: unique together with the set's name. */
  readonly path: string;
  readonly image: ImageSource;
  readonly age?: AgeLabel;
  readonly gender?: Gender;
  readonly race?: string;
  /** The person's identifier, unique within the set. */
  readonly identity?: string;
  /** In pixels of the upright picture. */
  readonly faceBox?: Box;
  /** Which face of the picture it is, from 1, in the order of the data set; an import counts them. */
  readonly face?: number;
  /** The authors' part: `train`, `validation`, `test` or `fold0`, `fold1`, ... */
  readonly split?: string;
  /** The score of the authors' face detector, larger is more certain; −Infinity if it found no face. */
  readonly faceScore?: number;
  /** The score of the second-best face; left out if there is only one. */
  readonly secondFaceScore?: number;
}

/** The reasons for rejecting a picture, as written in `rejects.csv` and in the counts. */
export const REJECTION_REASONS = {
  'bad name': 'the file name or row does not parse',
  'no age': 'the data set has no age for it',
  'age out of range': 'the age is impossible or outside the requested range',
  'no gender': 'the gender is unknown but required',
  'no face': 'no face was found',
  'bad box': 'the face box lies outside the picture or contains no face',
  'face score': "the authors' detector was not sure of the face",
  'second face': 'the picture has a second face',
  'missing image': 'the label names a missing picture',
  unreadable: 'the picture cannot be decoded',
  'too small': 'the picture or its face is smaller than requested',
  excluded: 'a list of corrections leaves it out',
  'duplicate row': 'the labels name the same picture again',
} as const;

export type RejectionReason = keyof typeof REJECTION_REASONS;

/** A rejected picture or line of labels. */
export interface Rejection {
  readonly path: string;
  readonly reason: RejectionReason;
  /** What was expected and what was found, in one sentence without a full stop. */
  readonly detail: string;
  /** What else is known of a picture whose age is impossible. */
  readonly labels?: Pick<Sample, 'gender' | 'race' | 'split'>;
}

export type Reading = Sample | Rejection;

export const isRejection = (reading: Reading): reading is Rejection => 'reason' in reading;

/** Thrown if a source as a whole cannot be read. */
export class DataError extends AgewiseError {
  override readonly name: string = 'DataError';
}

/** Reads a data set in its authors' layout. */
export interface DatasetReader {
  /** Its name on the command line: `utkface`. */
  readonly id: string;
  readonly title: string;
  readonly homepage: string;
  readonly citation: string;
  /** The terms of use, in a sentence or two. */
  readonly terms: string;
  /** The kind of its labels. */
  readonly labels: 'exact age' | 'apparent age with spread' | 'age interval' | 'as the columns say';
  /** The options of `read`, by name. */
  readonly options: Readonly<Record<string, ReaderOption>>;
  /**
   * Its pictures, in an order that depends only on the source.
   * @param source the downloaded and unpacked folder or file
   * @throws DataError if the source has an unknown layout, or an option is not in `options`.
   */
  read(source: string, options?: ReaderOptions): AsyncIterable<Reading>;
}

/** An option of a reader. */
export interface ReaderOption {
  /** Its meaning, in a few words. */
  readonly meaning: string;
  /** The allowed values, the default first; if left out, any text. */
  readonly values?: readonly [string, ...string[]];
}

/** Chosen options, by name. */
export type ReaderOptions = Readonly<Record<string, string>>;
