/**
 * Sessions on ONNX Runtime, devices, tensors, for Node and browsers. The entry points `node.ts` and `web.ts` make
 * sessions; `probe.ts` detects what a CPU offers.
 */
export { alignedFloats } from './aligned.js';
export { outputsInPlace } from './in-place.js';
export {
  type CreateSession,
  DEVICES,
  type Device,
  type Outputs,
  RuntimeError,
  type Session,
  type SessionOptions,
} from './session.js';
export * from './tensor.js';
