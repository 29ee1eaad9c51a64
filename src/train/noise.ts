/** The random numbers of dropout. */
import type { NoiseInput } from '../autodiff/index.js';
import { Random } from '../random/index.js';
import { floatTensor, type Tensors } from '../runtime/index.js';

/** Separates this stream from others of the same seed. */
const STREAM = 0xd209;

/**
 * Numbers for one micro-batch of an update: they depend only on seed, update and part, not on where a run was resumed.
 */
export function noiseFor(inputs: readonly NoiseInput[], seed: number, step: number, part: number): Tensors {
  return Object.fromEntries(
    inputs.map(({ name, shape }, i) => {
      const dims = shape as readonly number[];
      const random = new Random(seed, STREAM, step, part, i);
      const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
      // Rounding to float32 could give 1.
      for (let k = 0; k < values.length; k++) values[k] = (random.bits() >>> 8) / 2 ** 24;
      return [name, floatTensor(values, dims)];
    }),
  );
}
