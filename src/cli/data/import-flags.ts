/** The flags of `agewise data import` as they are parsed. */
import type { CleaningPreset } from '../../data/index.js';

export interface ImportFlags {
  readonly size?: number;
  readonly quality?: number;
  readonly crop?: true;
  readonly detect?: true;
  readonly margin?: number;
  readonly align?: true;
  readonly rotations?: true;
  readonly clean: CleaningPreset;
  readonly minAge?: number;
  readonly maxAge?: number;
  readonly needGender?: true;
  readonly minFaceScore?: number;
  readonly singleFace?: true;
  readonly minSize?: number;
  readonly maxPixels?: number;
  readonly limit?: number;
  readonly corrections?: string;
  readonly duplicates: boolean;
  readonly option?: Readonly<Record<string, string>>;
  readonly overwrite?: true;
  readonly json?: true;
}
