/** Initial values of a network's parameters. */
import { elementCount } from '../onnx/index.js';
import { Random } from '../random/index.js';

/** The initial values of an untrained parameter. */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly bound: number };

/** Returns the values of a parameter, row-major; `name` is its full name in the graph. */
export type WeightSource = (name: string, dims: readonly number[], initial: Initial) => Float32Array;

/**
 * Random initial values. Each parameter has its own random stream, from the seed and its name, so that adding or
 * removing layers does not affect others.
 * @param seed a nonnegative integer
 */
export const randomWeights =
  (seed: number): WeightSource =>
  (name, dims, initial) => {
    const values = new Float32Array(elementCount(dims));
    if (initial.kind === 'constant') return values.fill(initial.value);
    const random = new Random(seed, ...new TextEncoder().encode(name));
    const draw =
      initial.kind === 'normal'
        ? () => initial.deviation * random.normal()
        : () => random.between(-initial.bound, initial.bound);
    for (let i = 0; i < values.length; i++) values[i] = draw();
    return values;
  };

/** Zeros, for callers that need only a network's shapes: untouched memory costs nothing. */
export const zeroWeights: WeightSource = (_name, dims) => new Float32Array(elementCount(dims));
