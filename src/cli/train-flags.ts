/** The flags of `agewise train` as they are parsed. */
import type { Device } from '../runtime/index.js';

export interface TrainFlags {
  readonly data?: readonly string[];
  readonly weights?: string;
  readonly out?: string;
  readonly set?: readonly string[];
  readonly resume?: string;
  readonly prolong?: number;
  readonly smoke?: true;
  readonly member?: number;
  readonly device: Device;
  readonly threads?: number;
  readonly minutes?: number;
  readonly json?: true;
}
