/** The random numbers that dropout wants. */
import type { NoiseInput } from '../autodiff/index.js';
import { Random } from '../random/index.js';
import { floatTensor, type Tensors } from '../runtime/index.js';

/** Sets this stream apart from others of the same seed. */
const STREAM = 0xd209;

/** Numbers for one micro-batch of an update: the same for the same seed, update and part, wherever a run began. */
export function noiseFor(inputs: readonly NoiseInput[], seed: number, step: number, part: number): Tensors {
  return Object.fromEntries(
    inputs.map(({ name, shape }, i) => {
      const dims = shape as readonly number[];
      const random = new Random(seed, STREAM, step, part, i);
      const values = new Float32Array(dims.reduce((a, b) => a * b, 1));
      // Rounded to float32 a number next to 1 would be 1.
      for (let k = 0; k < values.length; k++) values[k] = (random.bits() >>> 8) / 2 ** 24;
      return [name, floatTensor(values, dims)];
    }),
  );
}
