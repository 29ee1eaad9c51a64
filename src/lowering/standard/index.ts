/** Standard operators, for every provider. */
export { LoweringError } from './fragment.js';
export { lowerToStandard, type StandardLowering } from './lower.js';
