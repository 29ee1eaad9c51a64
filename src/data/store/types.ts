/** What a store holds, as plain data. */
import type { AgeLabel } from '../../age/index.js';
import type { Alignment } from '../../metadata/index.js';
import type { Box } from '../../vision/index.js';
import type { DatasetReader, Gender, ReaderOptions, RejectionReason } from '../types.js';

/** One row without its picture. Unknown labels are left out. */
export interface StoreRow {
  /** 0-based over all parts: the row's key everywhere. */
  readonly index: number;
  /** The path inside the data set, with forward slashes. */
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
  /** The authors' part. */
  readonly split?: string;
}

/** A row to write; its number follows from the order of writing. */
export interface NewRow extends Omit<StoreRow, 'index' | 'source'> {
  /** The encoded picture. */
  readonly image: Uint8Array;
}

/** A store's description of its data set. */
export type StoreOrigin = Pick<DatasetReader, 'id' | 'title' | 'homepage' | 'citation' | 'terms' | 'labels'>;

/** How pictures were changed on their way into the store. */
export interface StoredPictures {
  /** The maximum longer side in pixels; null if sizes were not changed. */
  readonly size: number | null;
  /** JPEG quality in 1..100; null if bytes were not changed. */
  readonly quality: number | null;
  /** How faces were cropped; null if whole pictures are stored. */
  readonly crop: {
    /** By the boxes of the data set, or by those of Agewise's detector. */
    readonly by: 'label' | 'detector';
    /** The share of the box's size added on each side. */
    readonly margin: number;
    readonly alignment: Alignment;
  } | null;
}

/** How many rows have each label. */
export type LabelCounts = Readonly<
  Record<'age' | 'gender' | 'race' | 'identity' | 'faceBox' | 'split', number>
>;

/** `duplicates.json`. */
export interface Duplicates {
  /** The maximum number of differing bits, of 64, between near-duplicates' hashes; null if none were searched. */
  readonly threshold: number | null;
  /** Row numbers, ascending in each group; groups by their first row. */
  readonly groups: readonly (readonly number[])[];
}

/** The median, the first and the last decile of figures. */
export interface Spread {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** The framing of ready crops relative to the boxes of Agewise's detector. */
export interface Framing {
  /** The number of pictures examined, and of those with a face found. */
  readonly looked: number;
  readonly found: number;
  /** The margin on each side, as a share of the box; absent, like the others, if no face was found. */
  readonly margin?: Spread | undefined;
  /** The offset of the picture's centre from the box's, to the right in box widths, ... */
  readonly right?: Spread | undefined;
  /** ... and downwards in box heights. */
  readonly down?: Spread | undefined;
  /** The pictures' aspect ratio, width / height; absent in older stores. */
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
  /** SHA-256 over all rows, labels and pictures, in hexadecimal: equal for equal content. */
  readonly fingerprint: string;
  readonly rows: number;
  readonly labelled: LabelCounts;
  /** The framing of pictures without a box, which are used whole; absent if there are none, or it was not measured. */
  readonly framing?: Framing | undefined;
  /** Of boxes that came with the set; absent if there are none, the detector's were stored, or they were not measured. */
  readonly boxes?: BoxFraming | undefined;
  /** The largest margin around the rows' boxes with which at most half of a crop lay outside the picture; absent if there are no boxes, and in older stores. */
  readonly room?: Spread | undefined;
  /** The number of rejected rows by reason. */
  readonly rejects: Readonly<Partial<Record<RejectionReason, number>>>;
  readonly options: {
    readonly reader: ReaderOptions;
    /** The rules of cleaning by name. */
    readonly cleaning: Readonly<Record<string, number | boolean>>;
    /** The number of pictures selected from the set; all if left out. */
    readonly limit?: number | undefined;
    /** The number of files excluded or relabelled by corrections. */
    readonly corrections?: { readonly exclude: number; readonly relabel: number } | undefined;
    readonly pictures: StoredPictures;
  };
}
