/** The flags of `agewise evaluate` as they are parsed. */
import type { Device } from '../estimate/index.js';

export interface EvaluateFlags {
  readonly model?: readonly string[];
  readonly facts?: readonly string[];
  readonly as?: readonly string[];
  readonly data?: string;
  readonly split?: string;
  readonly part?: string;
  readonly set?: string;
  readonly option?: Readonly<Record<string, string>>;
  readonly cropped?: true;
  readonly flip?: true;
  /** How many faces. */
  readonly robustness?: number;
  readonly predictions?: string;
  readonly overwrite?: true;
  readonly seenFaces?: true;
  readonly classes?: readonly string[];
  readonly html?: string;
  readonly pictures?: true;
  readonly card?: string;
  readonly json?: true;
  readonly draws?: number;
  readonly seed?: number;
  readonly device: Device;
  readonly threads?: number;
}
