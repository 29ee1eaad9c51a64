/** Where the first values of a network's parameters come from. */
import { elementCount } from '../onnx/index.js';
import { Random } from '../random/index.js';

/** How a parameter begins that nobody has trained. */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly bound: number };

/** Gives the values of a parameter, row-major; `name` is its full name in the graph. */
export type WeightSource = (name: string, dims: readonly number[], initial: Initial) => Float32Array;

/**
 * Random first values. Each parameter has a stream of its own that follows from the seed and its name, so that layers
 * added or left out change nothing elsewhere.
 * @param seed a whole number from 0
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

/** Zeros, for those who ask for a network's shapes alone: memory that nobody touches costs nothing. */
export const zeroWeights: WeightSource = (_name, dims) => new Float32Array(elementCount(dims));
