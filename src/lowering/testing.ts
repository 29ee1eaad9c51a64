/** What tests of the whole see of the lowering's secret. */
export { type BlockSize, inverse, type Layout, transpositionOf } from './blocked/layout/layouts.js';
