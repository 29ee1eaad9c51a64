/** How good predictions are: figures from plain numbers. */
export * from './age-errors.js';
export * from './assurance.js';
export * from './binomial.js';
export * from './bootstrap.js';
export * from './calibration-error.js';
export * from './classes.js';
export * from './confusion.js';
export * from './distribution-scores.js';
export * from './faces.js';
export * from './fits/bias.js';
export * from './fits/conformal.js';
export * from './fits/sharpness.js';
export * from './fits/threshold.js';
export * from './measure.js';
export { Meter } from './meter.js';
export { type Confusion, Predictions, type Separation } from './predictions.js';
export * from './roc.js';
export type { Figures } from './types.js';
