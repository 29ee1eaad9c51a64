/** Internals of the lowering, for tests. */
export { type BlockSize, inverse, type Layout, transpositionOf } from './blocked/layout/layouts.js';
