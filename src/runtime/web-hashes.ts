/**
 * SHA-256 of onnxruntime-web's WebAssembly files by its version, with which a browser checks the files that it downloaded or
 * kept. Files of other versions are used unchecked.
 */
export const WASM_SHA256: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '1.30.0': {
    'ort-wasm-simd-threaded.wasm': '3398c10d07d229bd91b364548e130e0e51a8e5704b88c7c083ebbeb78842dee2',
    'ort-wasm-simd-threaded.jspi.wasm': 'a54c76f86b0f0d9572380cf1c6292a7b3903716ffcbcd6b0e5c7050bf430eb93',
    'ort-wasm-simd-threaded.asyncify.wasm':
      '39f9f0894d478800487ed9f7dbe92618498db320cf55c8e3d89adff8dce658da',
  },
};
