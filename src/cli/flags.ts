/** The flags of `agewise estimate` as they are parsed. */
import type { Shard } from '../bulk/about.js';
import type { Device } from '../estimate/index.js';

export interface EstimateFlags {
  readonly json?: true;
  readonly csv?: true;
  readonly out?: string;
  readonly shard?: Shard;
  readonly overwrite?: true;
  readonly annotate?: string;
  readonly cropped?: true;
  readonly model?: readonly string[];
  readonly groups?: true;
  readonly atLeast?: readonly number[];
  readonly device: Device;
  readonly gender: boolean;
  readonly distribution?: boolean;
  readonly threads?: number;
  readonly maxPixels?: number;
  readonly flip?: true;
  readonly turn: boolean;
  /** Seconds between the frames of a video that are estimated. */
  readonly every?: number;
}
