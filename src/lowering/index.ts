/** Rewrites a step's graph to the kernels that a device runs fastest. */
export {
  type BlockSize,
  fuseUpdates,
  type Layout,
  type Layouts,
  layoutsOf,
  lowerToBlocked,
  pack,
  type StateEntry,
  unpack,
} from './blocked/index.js';
export { type LowerOptions, lower, type Target } from './lower.js';
export { LoweringError } from './replacement.js';
export { lowerToStandard, type StandardLowering } from './standard/index.js';
