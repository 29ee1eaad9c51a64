/** How good predictions are: figures from plain numbers. */
export { mainClass, meanAndDeviation, rightClasses, yearsOff } from './errors.js';
export { Meter } from './meter.js';
export { Predictions, type Separation } from './predictions.js';
export type { Figures } from './types.js';
