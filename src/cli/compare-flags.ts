/** The flags of `agewise compare` as they are parsed. */
import type { EvaluateFlags } from './evaluate-flags.js';

export interface CompareFlags
  extends Omit<
    EvaluateFlags,
    'data' | 'predictions' | 'robustness' | 'overwrite' | 'classes' | 'pictures' | 'card'
  > {
  readonly peer?: readonly string[];
  readonly data?: readonly string[];
  readonly predictions?: readonly string[];
}
