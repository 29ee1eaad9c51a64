/**
 * Halves the size of weights on disk. Computation stays float32: each weight is stored as float16 behind a Cast to
 * float32, which ONNX Runtime evaluates once, at load. Loading takes slightly longer, running does not.
 */
import { tensorAttribute } from '../attributes.js';
import { DATA_TYPES, type Model, type Node, type Tensor } from '../graph.js';
import { everyName, Names } from '../names.js';
import { node } from '../node.js';
import { isOp } from '../opsets.js';
import { elementCount, float32Values, tensor } from '../tensor.js';
import { prune } from '../traverse.js';

/**
 * Smaller constants are kept: a Cast would take more bytes than it saves, and biases and norms keep their precision.
 */
const SMALLEST = 256;

/** The largest number that float16 holds. */
const FLOAT16_MAX = 65504;

/**
 * The model with float32 weights of at least 256 elements stored as float16, rounded to nearest even, and equal ones
 * stored once. Inputs, outputs, integers and weights beyond ±65504 are unchanged.
 */
export function toFloat16(model: Model): Model {
  const { graph } = model;
  const names = new Names(everyName(graph));
  const nodeNames = new Names(graph.nodes.map((n) => n.name));
  const facing = new Set([...graph.inputs, ...graph.outputs].map((v) => v.name));
  const initializers = new Map<string, Tensor>();
  const casts: Node[] = [];
  const stored = new Map<string, { data: Uint8Array; output: string }[]>();
  const named = (n: Node): Node => ({ ...n, name: nodeNames.claim(n.name) });

  /** Stores a weight and returns the node that computes its float32 value, under its original name. */
  function store(name: string, weight: Tensor): Node {
    const half = tensor('', 'float16', weight.dims, float32Values(weight));
    const key = `${weight.dims.join()}:${fingerprint(half.data)}`;
    const alike = stored.get(key) ?? [];
    stored.set(key, alike);
    const twin = alike.find(({ data }) => equalBytes(data, half.data));
    if (twin) return named(node('Identity', [twin.output], [name]));
    const own = names.claim(`${name}.float16`);
    initializers.set(own, { ...half, name: own });
    alike.push({ data: half.data, output: name });
    return named(node('Cast', [own], [name], { to: DATA_TYPES.float32 }));
  }

  for (const [name, t] of graph.initializers) {
    if (facing.has(name) || !worthwhile(t)) initializers.set(name, t);
    else casts.push(store(name, t));
  }
  const nodes = graph.nodes.map((n) => {
    const value = isOp(n, 'Constant') ? tensorAttribute(n, 'value') : undefined;
    return value && worthwhile(value) ? { ...store(n.outputs[0]!, value), name: n.name } : n;
  });
  return { ...model, graph: prune({ ...graph, nodes: [...casts, ...nodes], initializers }) };
}

function worthwhile(t: Tensor): boolean {
  if (t.dtype !== 'float32' || elementCount(t.dims) < SMALLEST) return false;
  return float32Values(t).every((v) => Math.abs(v) <= FLOAT16_MAX || !Number.isFinite(v));
}

/** FNV-1a of the bytes: equal bytes have equal fingerprints. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
