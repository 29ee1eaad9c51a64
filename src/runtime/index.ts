/** Sessions on ONNX Runtime, devices, tensors. */
export * from './session.js';
