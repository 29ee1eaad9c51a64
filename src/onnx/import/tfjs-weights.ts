/**
 * Weights of TensorFlow.js models: one run of bytes described by a manifest.
 * https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts (WeightsManifestEntry)
 */
import { fromFloat16Bits } from '../float16.js';
import type { Tensor } from '../graph.js';
import { elementCount, tensor } from '../tensor.js';
import { ImportError } from './errors.js';

export interface ManifestEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: {
    readonly dtype: string;
    readonly scale?: number;
    readonly min?: number;
  };
}

/** Bytes of an element as stored. */
const STORED_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  float16: 2,
  uint8: 1,
  uint16: 2,
};

/**
 * The constants of a manifest by name: float32, int32 or bool, dequantised if stored in fewer bits (value = stored ·
 * scale + min).
 * @param bytes all weight files joined in the order of the manifest's paths.
 * @throws ImportError if there are too few or too many bytes, or an element type is not supported.
 */
export function decodeWeights(entries: readonly ManifestEntry[], bytes: Uint8Array): Map<string, Tensor> {
  const constants = new Map<string, Tensor>();
  let offset = 0;
  for (const entry of entries) {
    const stored = entry.quantization?.dtype ?? entry.dtype;
    const size = STORED_BYTES[stored];
    if (size === undefined) {
      throw new ImportError(`Weight '${entry.name}' has element type ${stored}, which is not supported`);
    }
    const length = elementCount(entry.shape) * size;
    if (offset + length > bytes.length) {
      throw new ImportError(
        `Weight '${entry.name}' needs bytes ${offset} to ${offset + length}, found ${bytes.length} in all`,
      );
    }
    // A copy, since elements may be unaligned.
    constants.set(entry.name, decode(entry, stored, new Uint8Array(bytes.subarray(offset, offset + length))));
    offset += length;
  }
  if (offset !== bytes.length) {
    throw new ImportError(`The weights' manifest describes ${offset} bytes, found ${bytes.length}`);
  }
  return constants;
}

function decode(entry: ManifestEntry, stored: string, { buffer }: { buffer: ArrayBuffer }): Tensor {
  const { name, shape, quantization } = entry;
  const values = storedValues(stored, buffer);
  switch (entry.dtype) {
    case 'float32':
      if (quantization && stored !== 'float16') {
        const { scale = 1, min = 0 } = quantization;
        return tensor(
          name,
          'float32',
          shape,
          Float32Array.from(values, (q) => q * scale + min),
        );
      }
      return tensor(name, 'float32', shape, values);
    case 'int32': {
      if (!quantization) return tensor(name, 'int32', shape, values);
      const { scale = 1, min = 0 } = quantization;
      return tensor(
        name,
        'int32',
        shape,
        Int32Array.from(values, (q) => Math.round(q * scale + min)),
      );
    }
    case 'bool':
      return tensor(name, 'bool', shape, values);
    default:
      throw new ImportError(`Weight '${name}' has element type ${entry.dtype}, which is not supported`);
  }
}

function storedValues(stored: string, buffer: ArrayBuffer): ArrayLike<number> {
  switch (stored) {
    case 'float32':
      return new Float32Array(buffer);
    case 'int32':
      return new Int32Array(buffer);
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), fromFloat16Bits);
    case 'uint16':
      return new Uint16Array(buffer);
    default:
      return new Uint8Array(buffer);
  }
}
