/**
 * Sessions on ONNX Runtime, devices, tensors, alike in Node and in a browser. Sessions are made behind the doors
 * `node.ts` and `web.ts`; `probe.ts`, another one, finds out what a CPU offers.
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
