/** The entry point for browsers: sessions on onnxruntime-web, which is loaded with the first session. */
import type { InferenceSession } from 'onnxruntime-web';
import { type CreateSession, type Device, type OnnxRuntime, RuntimeError, Session } from './session.js';
import { WASM_SHA256 } from './web-hashes.js';

export { fastestThreads, isThreadProbe, serveThreadProbe } from './web-threads.js';
export { isForeign, workerAddress } from './web-workers.js';

export interface WebRuntimeOptions {
  /**
   * The URL of the folder with onnxruntime-web's `.mjs` and `.wasm` files (its `dist`). They are loaded from there at run time
   * and never bundled: bundled into a worker, its threads would run the worker's code too, and hang.
   */
  readonly files: URL;
  /** Downloads a `.wasm` file. */
  fetchFile(
    address: URL,
    options: { readonly subject: string; readonly sha256: string | undefined },
  ): Promise<Uint8Array<ArrayBuffer>>;
}

type Ort = typeof import('onnxruntime-web');

/** A build of ONNX Runtime, by names of files: its interface and its WebAssembly module. */
interface Build {
  readonly script: string;
  readonly module: string;
}

const BUILDS = {
  /** 3.7 MB compressed. */
  wasm: { script: 'ort.wasm.min.mjs', module: 'ort-wasm-simd-threaded' },
  /** With WebGPU, 4.1 MB; needs JavaScript Promise Integration, with which WebAssembly can await promises. */
  jspi: { script: 'ort.jspi.min.mjs', module: 'ort-wasm-simd-threaded.jspi' },
  /** With WebGPU, for other browsers; 6.6 MB. */
  asyncify: { script: 'ort.webgpu.min.mjs', module: 'ort-wasm-simd-threaded.asyncify' },
} as const satisfies Record<string, Build>;

const buildFor = (device: Device): Build =>
  device === 'cpu' ? BUILDS.wasm : 'Suspending' in WebAssembly ? BUILDS.jspi : BUILDS.asyncify;

/** `webgpu` if there is a hardware GPU, else `cpu`. */
export async function availableDevice(): Promise<Device> {
  try {
    const adapter = await (globalThis.navigator as { gpu?: Gpu }).gpu?.requestAdapter();
    return adapter && !adapter.info?.isFallbackAdapter ? 'webgpu' : 'cpu';
  } catch {
    return 'cpu';
  }
}

/** The parts of WebGPU's types used here, which TypeScript's libraries lack. */
interface Gpu {
  requestAdapter(): Promise<{ readonly info?: { readonly isFallbackAdapter?: boolean } } | null>;
}

/**
 * Makes sessions on `cpu`, which is WebAssembly, and `webgpu`. Threads need a cross-origin isolated page; the first
 * session sets their number.
 */
export function webSessions({ files, fetchFile }: WebRuntimeOptions): CreateSession {
  const loaded = new Map<Build, Promise<Ort>>();
  return async (bytes, model, options = {}) => {
    const { device = 'cpu', threads = 1 } = options;
    if (device === 'cuda') {
      throw new RuntimeError('Device cuda: a browser only has cpu and webgpu', { kind: 'unsupported' });
    }
    const build = buildFor(device);
    const ort = await inMap(loaded, build, () => load(build, threads, { files, fetchFile }));
    const runtime: OnnxRuntime = {
      Tensor: ort.Tensor,
      // Only Node opens files.
      create: async (model, settings) =>
        oneAtATime(await inTurn(() => ort.InferenceSession.create(model as Uint8Array, settings))),
    };
    return Session.create(runtime, bytes, model, options);
  };
}

async function load(
  { script, module }: Build,
  threads: number,
  { files, fetchFile }: WebRuntimeOptions,
): Promise<Ort> {
  const subject = 'ONNX Runtime';
  const at = (file: string) => new URL(file, files);
  let ort: Ort;
  try {
    ort = (await import(/* @vite-ignore */ /* webpackIgnore: true */ at(script).href)) as Ort;
  } catch (error) {
    const problem = `${at(script)} cannot be loaded (${(error as Error).message}); wasmUrl names the folder of onnxruntime-web's files`;
    throw new RuntimeError({ subject, problem }, { kind: 'missing', cause: error });
  }
  const { wasm, versions } = ort.env;
  // Failures arrive as exceptions; ONNX Runtime would print them to the console as well.
  ort.env.logLevel = 'fatal';
  wasm.numThreads = threads;
  wasm.wasmPaths = { mjs: at(`${module}.mjs`).href, wasm: at(`${module}.wasm`).href };
  const sha256 = WASM_SHA256[versions.web!]?.[`${module}.wasm`];
  wasm.wasmBinary = (await fetchFile(at(`${module}.wasm`), { subject, sha256 })).buffer;
  return ort;
}

/** The value of a key, made on first use; a failed one is made again on the next. */
function inMap<K, V>(map: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  made.catch(() => map.delete(key));
  return made;
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
