/** The domain: age classes, distributions, and what a model file says of itself. */
export * from './classes.js';
export * from './distribution.js';
export * from './metadata.js';
