/** ONNX Runtime's blocked kernels, for its CPU provider. */
export { type FusedUpdates, fuseUpdates } from './fused-updates.js';
export { type BlockSize, type Layout, pack, unpack } from './layout/layouts.js';
export type { StateEntry } from './layout/state.js';
export { type Layouts, layoutsOf } from './layout/state-metadata.js';
export { lowerToBlocked } from './lower.js';
