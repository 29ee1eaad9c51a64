/**
 * Quarters the size of weights on disk. Computation stays float32: each weight is stored as int8 behind a Cast to float32 and
 * a Mul by its channels' scales, which ONNX Runtime evaluates once, at load.
 */
import { DATA_TYPES, type Model, type Node, type Tensor } from '../graph.js';
import { everyName, Names } from '../names.js';
import { node } from '../node.js';
import { elementCount, float32, float32Values, tensor } from '../tensor.js';
import { prune } from '../traverse.js';

/** Weights with fewer elements per channel are kept: their scales would take much of what is saved. */
const SMALLEST_CHANNEL = 32;

const LARGEST = 127;

/**
 * The model with float32 weights of at least 32 elements per channel stored as int8, symmetric, with a scale for each channel
 * along the first axis or the last, whichever leaves the smaller error. Inputs, outputs and weights that are not finite are
 * unchanged.
 */
export function toInt8Weights(model: Model): Model {
  const { graph } = model;
  const names = new Names(everyName(graph));
  const nodeNames = new Names(graph.nodes.map((n) => n.name));
  const facing = new Set([...graph.inputs, ...graph.outputs].map((v) => v.name));
  const initializers = new Map<string, Tensor>();
  const widened: Node[] = [];
  for (const [name, weight] of graph.initializers) {
    const rounded = facing.has(name) ? undefined : roundedWeight(weight);
    if (rounded === undefined) {
      initializers.set(name, weight);
      continue;
    }
    const [stored, cast, scale] = ['int8', 'cast', 'scale'].map((end) => names.claim(`${name}.${end}`)) as [
      string,
      string,
      string,
    ];
    initializers.set(stored, tensor(stored, 'int8', weight.dims, rounded.values));
    initializers.set(scale, float32(scale, rounded.scaleDims, rounded.scales));
    for (const made of [
      node('Cast', [stored], [cast], { to: DATA_TYPES.float32 }),
      node('Mul', [cast, scale], [name]),
    ]) {
      widened.push({ ...made, name: nodeNames.claim(made.name) });
    }
  }
  return { ...model, graph: prune({ ...graph, nodes: [...widened, ...graph.nodes], initializers }) };
}

interface Rounded {
  readonly values: Int8Array;
  readonly scales: Float32Array;
  readonly scaleDims: readonly number[];
}

/** The weight in 8 bits, or undefined if it is too small, of another type, or not finite. */
function roundedWeight(weight: Tensor): Rounded | undefined {
  const { dims, dtype } = weight;
  if (dtype !== 'float32' || dims.length < 2) return undefined;
  const all = elementCount(dims);
  const axes = [0, dims.length - 1].filter(
    (axis) => dims[axis]! > 1 && all >= SMALLEST_CHANNEL * dims[axis]!,
  );
  if (all === 0 || axes.length === 0) return undefined;
  const values = float32Values(weight);
  if (!values.every(Number.isFinite)) return undefined;
  const tried = axes.map((axis) => rounding(values, dims, axis));
  return tried.reduce((best, other) => (other.error < best.error ? other : best));
}

/** @param axis the first or the last */
function rounding(
  weights: Float32Array,
  dims: readonly number[],
  axis: number,
): Rounded & { readonly error: number } {
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
