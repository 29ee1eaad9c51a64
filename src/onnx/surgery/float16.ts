/** Halves the size of weights on disk. Computation stays float32. Loading takes slightly longer, running does not. */
import { DATA_TYPES, type Model, type Tensor } from '../graph.js';
import { node } from '../node.js';
import { elementCount, float32Values, tensor } from '../tensor.js';
import { type StoredForm, storeWeights } from './stored-weights.js';

/**
 * Smaller constants are kept: a Cast would take more bytes than it saves, and biases and norms keep their precision.
 */
const SMALLEST = 256;

/** The largest number that float16 holds. */
const FLOAT16_MAX = 65504;

/**
 * The model with float32 weights of at least 256 elements stored as float16 behind a Cast to float32, rounded to nearest even,
 * and equal ones stored once. Inputs, outputs, integers and weights beyond ±65504 are unchanged.
 */
export const toFloat16 = (model: Model): Model => storeWeights(model, formOf);

function formOf(weight: Tensor): StoredForm | undefined {
  if (weight.dtype !== 'float32' || elementCount(weight.dims) < SMALLEST) return undefined;
  const values = float32Values(weight);
  if (!values.every((v) => Math.abs(v) <= FLOAT16_MAX || !Number.isFinite(v))) return undefined;
  return {
    parts: { float16: tensor('', 'float16', weight.dims, values) },
    compute: ([half], name) => [node('Cast', [half!], [name], { to: DATA_TYPES.float32 })],
  };
}
