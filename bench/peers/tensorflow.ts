/** TensorFlow.js on WASM, set up for Node: what both of its users among the peers need. */
import { createRequire } from 'node:module';
import path from 'node:path';

/** The part of TensorFlow.js that the peers' set-up touches. */
export interface TensorFlow {
  readonly version_core: string;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  getBackend(): string;
  env(): { getAsync(flag: string): Promise<boolean | number> };
  tensor(data: Uint8Array, shape: number[], dtype: 'int32' | 'float32'): Tensor;
  dispose(tensor: Tensor): void;
  readonly io: {
    registerLoadRouter(router: (url: string | string[]) => { load(): Promise<object> } | null): void;
  };
}

export interface Tensor {
  readonly shape: number[];
}

/** Loads CommonJS files of installed packages by path, also those that their packages do not export. */
export const requireFromRoot = createRequire(path.resolve('package.json'));

/** The folder of the WASM binaries, with the separator that TensorFlow.js expects at its end. */
export const WASM_FOLDER = `${path.resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`;

/** What the engine says of itself. In Node the WASM backend has no threads: its threaded binary is for browsers. */
export async function describeEngine(tf: TensorFlow): Promise<string> {
  const simd = await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const threads = await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
  return (
    `TensorFlow.js ${tf.version_core} ${tf.getBackend()}, SIMD ${simd ? 'on' : 'off'}, ` +
    `${threads ? 'several threads' : 'one thread (in Node this backend has no more)'}`
  );
}
