/** The flags of `agewise compare` as they are parsed. */
import type { Device } from '../estimate/index.js';

export interface CompareFlags {
  readonly model?: readonly string[];
  readonly facts?: readonly string[];
  readonly as?: readonly string[];
  readonly peer?: readonly string[];
  readonly data?: readonly string[];
  readonly predictions?: readonly string[];
  readonly split?: string;
  readonly part?: string;
  readonly set?: string;
  readonly option?: Readonly<Record<string, string>>;
  readonly cropped?: true;
  readonly flip?: true;
  readonly seenFaces?: true;
  readonly html?: string;
  readonly json?: true;
  readonly draws?: number;
  readonly seed?: number;
  readonly device: Device;
  readonly threads?: number;
}
