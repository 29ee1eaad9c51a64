/** Quarters the size of weights on disk. Computation stays float32. Loading takes slightly longer, running does not. */
import { DATA_TYPES, type Model, type Tensor } from '../graph.js';
import { node } from '../node.js';
import { elementCount, float32, float32Values, tensor } from '../tensor.js';
import { type StoredForm, storeWeights } from './stored-weights.js';

/** Weights with fewer elements per channel are kept: their scales would take much of what is saved. */
const SMALLEST_CHANNEL = 32;

const LARGEST = 127;

/**
 * The model with float32 weights of at least 32 elements per channel stored as int8, symmetric, behind a Cast to float32 and a Mul
 * by scales, one for each channel along the first axis or the last, whichever leaves the smaller error; equal ones are stored
 * once. Inputs, outputs and weights that are not finite are unchanged.
 */
export const toInt8Weights = (model: Model): Model => storeWeights(model, formOf);

function formOf(weight: Tensor): StoredForm | undefined {
  const { dims, dtype } = weight;
  if (dtype !== 'float32' || dims.length < 2) return undefined;
  const all = elementCount(dims);
  const axes = [0, dims.length - 1].filter(
    (axis) => dims[axis]! > 1 && all >= SMALLEST_CHANNEL * dims[axis]!,
  );
  if (all === 0 || axes.length === 0) return undefined;
  const weights = float32Values(weight);
  if (!weights.every(Number.isFinite)) return undefined;
  const { values, scales, scaleDims } = axes
    .map((axis) => rounding(weights, dims, axis))
    .reduce((best, other) => (other.error < best.error ? other : best));
  return {
    parts: { int8: tensor('', 'int8', dims, values), scale: float32('', scaleDims, scales) },
    compute: ([stored, scale], name, free) => {
      const cast = free('cast');
      return [
        node('Cast', [stored!], [cast], { to: DATA_TYPES.float32 }),
        node('Mul', [cast, scale!], [name]),
      ];
    },
  };
}

interface Rounding {
  readonly values: Int8Array;
  readonly scales: Float32Array;
  readonly scaleDims: readonly number[];
  /** The sum of squares. */
  readonly error: number;
}

/** @param axis the first or the last */
function rounding(weights: Float32Array, dims: readonly number[], axis: number): Rounding {
  const channels = dims[axis]!;
  const perChannel = weights.length / channels;
  const channelOf = axis === 0 ? (i: number) => Math.floor(i / perChannel) : (i: number) => i % channels;
  const scales = new Float32Array(channels);
  weights.forEach((w, i) => {
    const c = channelOf(i);
    scales[c] = Math.max(scales[c]!, Math.abs(w) / LARGEST);
  });
  let error = 0;
  const values = Int8Array.from(weights, (w, i) => {
    const scale = scales[channelOf(i)]!;
    // A scale that underflows to 0 stands for zeros; float32 may round a scale down, which must not pass 127.
    const value = scale === 0 ? 0 : Math.max(-LARGEST, Math.min(LARGEST, Math.round(w / scale)));
    error += (w - value * scale) ** 2;
    return value;
  });
  return { values, scales, scaleDims: dims.map((_, a) => (a === axis ? channels : 1)), error };
}
