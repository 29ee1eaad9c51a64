/** The domain, in plain numbers: age classes, distributions, targets, gender. It imports nothing. */
export * from './bands.js';
export * from './calibration.js';
export * from './class-sets.js';
export * from './classes.js';
export * from './distribution.js';
export * from './gender.js';
export * from './targets.js';
