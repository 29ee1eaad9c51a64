/** What a store holds, as plain data. */
import type { AgeLabel } from '../../age/index.js';
import type { Box } from '../../vision/index.js';
import type { DatasetReader, Gender, ReaderOptions, RejectionReason } from '../types.js';

/** One row without its picture. What the set does not say is left out. */
export interface StoreRow {
  /** 0-based over all parts: the row's key everywhere. */
  readonly index: number;
  /** Inside the data set, with forward slashes. */
  readonly path: string;
  /** The data set's id. */
  readonly source: string;
  readonly age?: AgeLabel;
  readonly gender?: Gender;
  readonly race?: string;
  readonly identity?: string;
  /** In pixels of the stored picture. */
  readonly faceBox?: Box;
  /** Which face of the picture it is, from 1, in the order of the data set; absent if that gives no boxes. */
  readonly face?: number;
  /** The authors' own. */
  readonly split?: string;
}

/** A row to be written; its number is its place in the order of writing. */
export interface NewRow extends Omit<StoreRow, 'index' | 'source'> {
  /** The encoded picture. */
  readonly image: Uint8Array;
}

/** What a store says of the data set that its rows come from. */
export type StoreOrigin = Pick<DatasetReader, 'id' | 'title' | 'homepage' | 'citation' | 'terms' | 'labels'>;

/** How pictures were changed on their way into the store. */
export interface StoredPictures {
  /** The longest side that they can have, in pixels; null if they have the size they came in. */
  readonly size: number | null;
  /** JPEG quality in 1..100; null if a picture's bytes are those of the source. */
  readonly quality: number | null;
  /** How faces were cut out; null if whole pictures are stored. */
  readonly crop: {
    /** By the boxes of the data set, or by those of Agewise's detector. */
    readonly by: 'label' | 'detector';
    /** How much of the box's size was added on each side. */
    readonly margin: number;
    readonly alignment: 'none' | 'roll';
  } | null;
}

/** How many rows have each label. */
export type LabelCounts = Readonly<
  Record<'age' | 'gender' | 'race' | 'identity' | 'faceBox' | 'split', number>
>;

/** `duplicates.json`. */
export interface Duplicates {
  /**
   * Two pictures are near-duplicates where their perceptual hashes differ in at most this many of 64 bits; null if none
   * were looked for.
   */
  readonly threshold: number | null;
  /** Row numbers, ascending in each group; groups by their first row. */
  readonly groups: readonly (readonly number[])[];
}

/** The median of figures, and what a tenth of them lies below and a tenth above. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** How pictures that are ready crops lie round the boxes that Agewise's detector gives the faces in them. */
export interface Framing {
  /** Pictures that were looked at, and those of them that a face was found in. */
  readonly looked: number;
  readonly found: number;
  /** The share of the box that lies around it on each side; absent if no face was found, as the others. */
  readonly margin?: Spread | undefined;
  /** How far the picture's centre lies to the right of the box's, in widths of it, ... */
  readonly right?: Spread | undefined;
  /** ... and below it, in heights. */
  readonly down?: Spread | undefined;
  /** The pictures' width, in heights; absent in stores of before. */
  readonly aspect?: Spread | undefined;
}

/** Where the detector's boxes lie in the boxes that came with the set, in units of these. */
export interface BoxFraming {
  /** Boxes that were looked at, and those of them that a face was found in. */
  readonly looked: number;
  readonly found: number;
  /** The size of the detector's box, in widths and in heights; absent if no face was found, as the others. */
  readonly width?: Spread | undefined;
  readonly height?: Spread | undefined;
  /** How far its centre lies to the right, in widths, and below, in heights. */
  readonly right?: Spread | undefined;
  readonly down?: Spread | undefined;
}

/** `dataset.json`. */
export interface StoreInfo extends StoreOrigin {
  readonly format: 'agewise-store';
  readonly version: 1;
  /** SHA-256 over all rows, their labels and their pictures, in hexadecimal: the same for the same content. */
  readonly fingerprint: string;
  readonly rows: number;
  readonly labelled: LabelCounts;
  /** Of the pictures without a box, which are used whole; absent if there are none, or nobody looked. */
  readonly framing?: Framing | undefined;
  /** Of boxes that came with the set; absent if there are none, the detector's own were stored, or nobody looked. */
  readonly boxes?: BoxFraming | undefined;
  /** What was read from the source and not stored. */
  readonly rejects: Readonly<Partial<Record<RejectionReason, number>>>;
  readonly options: {
    readonly reader: ReaderOptions;
    /** The rules of cleaning by name. */
    readonly cleaning: Readonly<Record<string, number | boolean>>;
    /** How many pictures were chosen of the set's; all if left out. */
    readonly limit?: number | undefined;
    /** How many files a list of corrections left out, or gave other labels. */
    readonly corrections?: { readonly exclude: number; readonly relabel: number } | undefined;
    readonly pictures: StoredPictures;
  };
}
