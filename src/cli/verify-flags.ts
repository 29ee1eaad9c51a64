/** The flags of `agewise verify` as they are parsed. */
import type { Device } from '../estimate/index.js';

export interface VerifyFlags {
  readonly age: number;
  readonly challenge?: number;
  readonly model?: string;
  readonly json?: true;
  readonly device: Device;
  readonly threads?: number;
  readonly maxPixels?: number;
}
