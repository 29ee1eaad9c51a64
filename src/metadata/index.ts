/** A model's metadata, and the decoding of its raw outputs to distributions. */

export * from './document.js';
export * from './input.js';
export * from './outputs.js';
