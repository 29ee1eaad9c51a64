/** The entry point for browsers: sessions on onnxruntime-web, which is loaded with the first session. */
import type { InferenceSession } from 'onnxruntime-web';
import { type CreateSession, type OnnxRuntime, RuntimeError, Session } from './session.js';

export interface WebRuntimeOptions {
  /**
   * The URL of the folder with onnxruntime-web's `.mjs` and `.wasm` files (its `dist`); by default the script's own.
   * They must not be bundled: bundled threads hang.
   */
  readonly files?: string | URL;
}

/**
 * Makes sessions on `cpu`, which is WebAssembly, and `webgpu`. Threads need a cross-origin isolated page; the first
 * session sets their number.
 */
export function webSessions({ files }: WebRuntimeOptions = {}): CreateSession {
  return async (bytes, model, options = {}) => {
    const { device = 'cpu', threads } = options;
    if (device === 'cuda') {
      throw new RuntimeError('Device cuda: a browser only has cpu and webgpu', { kind: 'unsupported' });
    }
    const ort = await (device === 'webgpu'
      ? import('onnxruntime-web/webgpu')
      : import('onnxruntime-web/wasm'));
    // Failures arrive as exceptions; ONNX Runtime would print them to the console as well.
    ort.env.logLevel = 'fatal';
    if (threads !== undefined) ort.env.wasm.numThreads = threads;
    if (files !== undefined) ort.env.wasm.wasmPaths = folder(files);
    const runtime: OnnxRuntime = {
      Tensor: ort.Tensor,
      create: async (model, settings) =>
        oneAtATime(await inTurn(() => ort.InferenceSession.create(model, settings))),
    };
    return Session.create(runtime, bytes, model, options);
  };
}

/** ONNX Runtime needs an absolute URL that ends in a slash. */
function folder(address: string | URL): string {
  const { href } = new URL(address, globalThis.location?.href);
  return href.endsWith('/') ? href : `${href}/`;
}

let last: Promise<unknown> = Promise.resolve();

/** All sessions share one WebAssembly module, which runs one task at a time; on WebGPU concurrent tasks fail. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = last.then(work, work);
  last = next.catch(() => {});
  return next;
}

function oneAtATime(session: InferenceSession): Awaited<ReturnType<OnnxRuntime['create']>> {
  const run = (...parameters: Parameters<InferenceSession['run']>) =>
    inTurn(() => session.run(...parameters));
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run: run as InferenceSession['run'],
    release: () => inTurn(() => session.release()),
    endProfiling: () => session.endProfiling(),
  };
}
