/** Networks in 8-bit integers. */
export { activationsToCalibrate, quantize } from './quantize.js';
export type { ObservedRange, ValueRange } from './scales.js';
