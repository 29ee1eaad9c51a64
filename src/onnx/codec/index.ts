/** `.onnx` bytes to the graph and back. */
export { type ReadOptions, readModel } from './read.js';
export { writeModel } from './write.js';
