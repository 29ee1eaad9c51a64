/** The graph that is trained: network, heads and losses, and its file. */
export { assemble } from './assemble.js';
export { type Assembled, lossNames, parameterCount, weightNames } from './assembled.js';
export { GraphFileError, readAssembled, writeAssembled } from './graph-file.js';
export { statedInput } from './input.js';
export * from './names.js';
