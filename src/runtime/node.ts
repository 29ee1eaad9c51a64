/** The entry point for Node: sessions on onnxruntime-node. */
import * as ort from 'onnxruntime-node';
import { type CreateSession, Session } from './session.js';

export { nameEqualSizes } from './equal-sizes.js';

// Failures arrive as exceptions; ONNX Runtime would print them to stderr as well.
ort.env.logLevel = 'fatal';

/** The version of ONNX Runtime. */
export const RUNTIME_VERSION: string = ort.env.versions.node ?? ort.env.versions.common;

const runtime = {
  Tensor: ort.Tensor,
  create: (bytes: Uint8Array, options: ort.InferenceSession.SessionOptions) =>
    ort.InferenceSession.create(bytes, options),
};

export const createSession: CreateSession = (bytes, model, options) =>
  Session.create(runtime, bytes, model, options);
