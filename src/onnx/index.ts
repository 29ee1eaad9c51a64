/** The graph: types, bytes and constants. */
export * from './attributes.js';
export { OnnxFormatError, type ReadOptions, readModel, writeModel } from './codec.js';
export * from './graph.js';
export { node } from './node.js';
export * from './tensor.js';
