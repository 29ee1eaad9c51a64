/** ONNX Runtime's blocked kernels, for its CPU provider. */
export { type BlockSize, type Layout, pack, unpack } from './layouts.js';
export { lowerToBlocked } from './lower.js';
export type { StateEntry } from './state.js';
export { type Layouts, layoutsOf } from './state-metadata.js';
