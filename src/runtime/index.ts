/** Sessions on ONNX Runtime, devices, tensors. */
export { alignedFloats } from './aligned.js';
export { outputsInPlace } from './in-place.js';
export { probeBlockSize } from './probe.js';
export * from './session.js';
