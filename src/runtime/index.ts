/** Sessions on ONNX Runtime, devices, tensors. */
export { alignedFloats } from './aligned.js';
export { probeBlockSize } from './probe.js';
export * from './session.js';
