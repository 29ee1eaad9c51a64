/** What a model says of itself, and what its outputs mean: raw numbers to distributions. */

export * from './document.js';
export * from './input.js';
export * from './outputs.js';
