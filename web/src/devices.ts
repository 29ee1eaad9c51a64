/** The devices that the page's networks can run on. */

export type PageDevice = 'cpu' | 'webgpu';

/** The part of WebGPU's types used here. */
interface Gpu {
  requestAdapter(): Promise<{ readonly info?: { readonly isFallbackAdapter?: boolean } } | null>;
}

export interface Devices {
  /** The available ones. */
  readonly all: readonly PageDevice[];
  /** The best: a graphics card in hardware, otherwise the processor. */
  readonly automatic: PageDevice;
}

/**
 * WebGPU needs an adapter, and WebAssembly that can await promises: the build of ONNX Runtime for other browsers is another
 * 27 MB, which the page does not carry.
 */
export async function findDevices(): Promise<Devices> {
  try {
    const gpu = (navigator as { gpu?: Gpu }).gpu;
    const adapter = 'Suspending' in WebAssembly ? await gpu?.requestAdapter() : undefined;
    if (!adapter) return { all: ['cpu'], automatic: 'cpu' };
    return { all: ['cpu', 'webgpu'], automatic: adapter.info?.isFallbackAdapter ? 'cpu' : 'webgpu' };
  } catch {
    return { all: ['cpu'], automatic: 'cpu' };
  }
}
