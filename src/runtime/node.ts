/** The entry point for Node: sessions on onnxruntime-node. */
import * as ort from 'onnxruntime-node';
import { type CreateSession, Session, type SessionOptions } from './session.js';
import { disableTelemetry } from './telemetry.js';

export { nameEqualSizes } from './equal-sizes.js';

disableTelemetry();
// Failures arrive as exceptions; ONNX Runtime would print them to stderr as well.
ort.env.logLevel = 'fatal';

/** The version of ONNX Runtime. */
export const RUNTIME_VERSION: string = ort.env.versions.node ?? ort.env.versions.common;

const runtime = {
  Tensor: ort.Tensor,
  create: (model: Uint8Array | string, options: ort.InferenceSession.SessionOptions) =>
    typeof model === 'string'
      ? ort.InferenceSession.create(model, options)
      : ort.InferenceSession.create(model, options),
};

export const createSession: CreateSession = (bytes, model, options) =>
  Session.create(runtime, bytes, model, options);

/** `createSession` from an `.onnx` file, whose constants in another file are mapped into memory. @param path of the `.onnx` file */
export const openSession = (path: string, model: string, options?: SessionOptions): Promise<Session> =>
  Session.create(runtime, path, model, options);
