/** Describes TensorFlow.js as it runs in a peer. */
interface Engine {
  readonly version_core: string;
  getBackend(): string;
  env(): { getAsync(flag: string): Promise<boolean | number> };
}

/** @param tf a library's TensorFlow.js. In Node the WASM backend has no threads: its threaded binary is for browsers. */
export async function describeEngine(tf: object): Promise<string> {
  const engine = tf as Engine;
  const simd = await engine.env().getAsync('WASM_HAS_SIMD_SUPPORT');
  const threads = await engine.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT');
  return (
    `TensorFlow.js ${engine.version_core} ${engine.getBackend()}, SIMD ${simd ? 'on' : 'off'}, ` +
    `${threads ? 'several threads' : 'one thread (in Node this backend has no more)'}`
  );
}
