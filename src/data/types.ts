/** The plain data that data/ passes on: a source on disk → samples → cleaned samples → rows of a store → batches. */

import type { AgeLabel, Gender } from '../age/index.js';
import { AgewiseError } from '../errors/index.js';
import type { Box } from '../vision/index.js';

export type { Gender };

/** Where a picture's encoded bytes are: a file, or something that makes them when they are asked for. */
export type ImageSource = { readonly file: string } | { readonly bytes: () => Promise<Uint8Array> };

/** What a data set says of one picture. What it does not say is left out. */
export interface Sample {
  /** The picture's path inside the data set, with forward slashes: together with the set's name it is the key. */
  readonly path: string;
  readonly image: ImageSource;
  readonly age?: AgeLabel;
  readonly gender?: Gender;
  readonly race?: string;
  /** The person, by whatever name the set has; unique within the set. */
  readonly identity?: string;
  /** In pixels of the upright picture. */
  readonly faceBox?: Box;
  /** Which face of the picture it is, from 1, in the order of the data set; an import counts them. */
  readonly face?: number;
  /** The part that the set's authors put it in: `train`, `validation`, `test` or `fold0`, `fold1`, ... */
  readonly split?: string;
  /** The score of the authors' face detector, larger is surer; −Infinity if it found no face. */
  readonly faceScore?: number;
  /** The same of the second-best face; left out if there is one face alone. */
  readonly secondFaceScore?: number;
}

/** Why a picture is not used; `rejects.csv` and the counts by reason hold these words. */
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

/** A picture, or a line of labels, that is not used. */
export interface Rejection {
  readonly path: string;
  readonly reason: RejectionReason;
  /** What was expected and what was found, in one sentence without a full stop. */
  readonly detail: string;
}

export type Reading = Sample | Rejection;

export const isRejection = (reading: Reading): reading is Rejection => 'reason' in reading;

/** A source as a whole that cannot be read: one sentence that names the file, what was expected and what was found. */
export class DataError extends AgewiseError {
  override readonly name: string = 'DataError';
}

/** Reads one data set in the layout in which its authors publish it. */
export interface DatasetReader {
  /** As the command line spells it: `utkface`. */
  readonly id: string;
  readonly title: string;
  readonly homepage: string;
  readonly citation: string;
  /** What its authors let it be used for, in a sentence or two. */
  readonly terms: string;
  /** What its labels are. */
  readonly labels: 'exact age' | 'apparent age with spread' | 'age interval' | 'as the columns say';
  /** What `read` takes besides the source, by name. */
  readonly options: Readonly<Record<string, ReaderOption>>;
  /**
   * Its pictures in a fixed order that depends on the source alone.
   * @param source the folder or the file as it was downloaded and unpacked
   * @throws DataError if the source as a whole is not what the reader knows, or an option is not in `options`.
   */
  read(source: string, options?: ReaderOptions): AsyncIterable<Reading>;
}

/** An option of a reader. */
export interface ReaderOption {
  /** What it decides, in a few words. */
  readonly meaning: string;
  /** The values that it can have, the default first; without them it takes any text. */
  readonly values?: readonly [string, ...string[]];
}

/** Options as they are chosen, by name. */
export type ReaderOptions = Readonly<Record<string, string>>;
