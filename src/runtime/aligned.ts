/** Memory that vector instructions read without crossing cache lines. */

/** A cache line, and the widest vector, in bytes. */
const LINE = 64;
const PAGE = 65536;
const BYTES = Float32Array.BYTES_PER_ELEMENT;

// Part of every JavaScript host, but not of the language's own type library.
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  };
};

/**
 * Arrays of these lengths, zeros, each beginning at a multiple of 64 bytes. Arrays of JavaScript's own begin at
 * multiples of 16; weights at such places cost a training step of ResNet-18 3 to 6% on AVX-512. WebAssembly's memory
 * begins at a page, which is the only promise of this kind that JavaScript has. The arrays share one memory, which is
 * freed with the last of them.
 * @throws RangeError where they need more than 4 GiB together.
 */
export function alignedFloats(lengths: readonly number[]): Float32Array[] {
  const offsets: number[] = [];
  let end = 0;
  for (const length of lengths) {
    offsets.push(end);
    end += Math.ceil((length * BYTES) / LINE) * LINE;
  }
  const { buffer } = new wasm.Memory({ initial: Math.ceil(end / PAGE) });
  return lengths.map((length, i) => new Float32Array(buffer, offsets[i], length));
}
