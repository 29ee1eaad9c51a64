/** The flags of `agewise data split` as they are parsed. */
import type { SplitMethodName } from '../../data/index.js';

export interface SplitFlags {
  readonly method?: Exclude<SplitMethodName, 'given'>;
  readonly shares?: Readonly<Record<string, number>>;
  readonly folds?: number;
  readonly repetition?: number;
  readonly stratify: boolean;
  readonly seed?: number;
  readonly from?: string;
  readonly name?: string;
  readonly out?: string;
  readonly overwrite?: true;
  readonly json?: true;
}
