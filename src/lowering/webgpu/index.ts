/** The standard operators that ONNX Runtime's WebGPU provider supports. */
export { lowerToWebGpu } from './lower.js';
