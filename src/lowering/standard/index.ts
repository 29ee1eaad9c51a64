/** Standard operators, for every provider. */
export { type Expand, LoweringError } from './fragment.js';
export { lowerToStandard, type StandardLowering } from './lower.js';
export { replaceNodes } from './replace-nodes.js';
