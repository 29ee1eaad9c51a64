/** `.onnx` bytes to the graph and back. */
export { type FunctionDefinition, type ReadOptions, readFunctions, readModel } from './read.js';
export { writeModel, writeModelApart } from './write.js';
