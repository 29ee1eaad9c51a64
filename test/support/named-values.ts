/** Weights that follow from their names, as scripts/fixtures/torchvision-networks.py makes them too. */
import { elementCount } from '../../src/onnx/index.js';

/** Where a name's values begin (FNV-1a). */
function seedOf(name: string): number {
  let seed = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return seed;
}

/** Value `i` of those that begin at a seed, in -1..1 (the finalizer of MurmurHash3). */
function valueAt(seed: number, i: number): number {
  let h = (Math.imul(i, 0x9e3779b1) + seed) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 8) / 2 ** 23 - 1;
}

export function namedValues(name: string, count: number): Float32Array {
  const seed = seedOf(name);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = valueAt(seed, i);
  return values;
}

/** A network's weights by name and shape. A dense layer's are `[in, out]` here and `[out, in]` there. */
export function namedWeights(name: string, dims: readonly number[]): Float32Array {
  const seed = seedOf(name);
  const count = elementCount(dims);
  const values = new Float32Array(count);
  if (name.endsWith('running_var') || (name.endsWith('weight') && dims.length === 1)) {
    for (let i = 0; i < count; i++) values[i] = 1 + valueAt(seed, i) / 2;
  } else if (dims.length === 1) {
    for (let i = 0; i < count; i++) values[i] = valueAt(seed, i) / 8;
  } else if (dims.length === 2) {
    const [inputs, outputs] = dims as [number, number];
    const bound = Math.sqrt(6 / inputs);
    let place = 0;
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) values[place++] = bound * valueAt(seed, o * inputs + i);
    }
  } else {
    const bound = Math.sqrt(6 / elementCount(dims.slice(1)));
    for (let i = 0; i < count; i++) values[i] = bound * valueAt(seed, i);
  }
  return values;
}
