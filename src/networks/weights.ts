/** Initial values of a network's parameters. */
import { elementCount } from '../onnx/index.js';
import { Random } from '../random/index.js';

/** The initial values of an untrained parameter. */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  /** Normal, drawn again beyond two deviations of the untruncated normal distribution; `deviation` is that of the result. */
  | { readonly kind: 'truncated'; readonly deviation: number }
  /** Columns of length 1 at right angles, the last dimension being theirs, which may not be more than the others together. */
  | { readonly kind: 'orthogonal' };

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
    if (initial.kind === 'orthogonal') return orthogonal(values, dims.at(-1)!, random);
    const draw = drawing(initial, random);
    for (let i = 0; i < values.length; i++) values[i] = draw();
    return values;
  };

/** The standard deviation of a standard normal distribution truncated at ±2; Keras divides by it. */
const TRUNCATED_DEVIATION = 0.87962566103423978;

function drawing(
  initial: Exclude<Initial, { kind: 'constant' | 'orthogonal' }>,
  random: Random,
): () => number {
  switch (initial.kind) {
    case 'normal':
      return () => initial.deviation * random.normal();
    case 'uniform':
      return () => random.between(-initial.bound, initial.bound);
    case 'truncated':
      return () => {
        let value = random.normal();
        while (Math.abs(value) > 2) value = random.normal();
        return (initial.deviation / TRUNCATED_DEVIATION) * value;
      };
  }
}

/** Fills `values`, rows of `columns`, by Gram and Schmidt's method from normal ones (Saxe et al., ICLR 2014). */
function orthogonal(values: Float32Array, columns: number, random: Random): Float32Array {
  const rows = values.length / columns;
  const done: Float64Array[] = [];
  for (let column = 0; column < columns; column++) {
    const vector = Float64Array.from({ length: rows }, () => random.normal());
    for (const other of done) {
      const along = dot(vector, other);
      for (let i = 0; i < rows; i++) vector[i]! -= along * other[i]!;
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < rows; i++) {
      vector[i]! /= length;
      values[i * columns + column] = vector[i]!;
    }
    done.push(vector);
  }
  return values;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Zeros, for callers that need only a network's shapes: untouched memory costs nothing. */
export const zeroWeights: WeightSource = (_name, dims) => new Float32Array(elementCount(dims));
