/** A model's metadata, and the decoding of its raw outputs to distributions. */

export * from './document.js';
export { MetadataError } from './error.js';
export * from './input.js';
export * from './outputs.js';
export * from './tensors.js';
