/** Standard operators, for every provider. */
export { lowerToStandard, type StandardLowering } from './lower.js';
