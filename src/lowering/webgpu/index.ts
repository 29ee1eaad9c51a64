/** Standard operators, as far as ONNX Runtime's WebGPU provider has them. */
export { lowerToWebGpu } from './lower.js';
