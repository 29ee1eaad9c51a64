/** WebAssembly for vector instructions, of any JavaScript host: memory aligned to its pages, and functions in binary form. */

/** Bytes in which memory is measured and grows. */
export const PAGE = 65536;

export interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

// Every JavaScript host has it, but the language's own type library does not.
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { readonly initial: number }) => Memory;
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
};

/** Zeroed memory of at least so many bytes. @throws RangeError for more than 4 GiB */
export const newMemory = (bytes: number): Memory => new wasm.Memory({ initial: Math.ceil(bytes / PAGE) });

/** Lets memory grow to at least so many bytes; views of its buffer before then are of no use any more. */
export function growTo(memory: Memory, bytes: number): void {
  const lacking = bytes - memory.buffer.byteLength;
  if (lacking > 0) memory.grow(Math.ceil(lacking / PAGE));
}

/**
 * Functions in binary form, compiled when they are first asked for.
 * @param base64 as scripts/assemble.ts writes it
 * @returns throws CompileError on a processor or browser without vector instructions, where ONNX Runtime cannot run either
 */
export function lazyKernels<Kernels>(base64: string): () => Kernels {
  let made: Kernels | undefined;
  return () => {
    if (made === undefined) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      made = new wasm.Instance(new wasm.Module(bytes)).exports as Kernels;
    }
    return made;
  };
}
