/** The domain: age classes, distributions, targets, losses, and what a model file says of itself. */
export * from './class-sets.js';
export * from './classes.js';
export * from './distribution.js';
export * from './losses/index.js';
export * from './metadata.js';
export * from './metrics.js';
export * from './targets.js';
