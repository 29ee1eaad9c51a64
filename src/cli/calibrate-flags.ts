/** The flags of `agewise calibrate` as they are parsed. */
import type { Device } from '../estimate/index.js';

export interface CalibrateFlags {
  readonly data: readonly string[];
  readonly split?: string;
  readonly part?: string;
  readonly cropped?: true;
  readonly overwrite?: true;
  readonly balance?: number;
  readonly minors?: number;
  readonly spread?: number;
  readonly temperature?: number;
  readonly json?: true;
  readonly device: Device;
  readonly threads?: number;
}
