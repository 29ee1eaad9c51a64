/** Sessions on ONNX Runtime, devices, tensors. */
export { probeBlockSize } from './probe.js';
export * from './session.js';
