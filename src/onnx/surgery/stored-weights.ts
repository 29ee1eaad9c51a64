/** Weights that a model stores in a smaller form, with nodes that compute their values, which ONNX Runtime evaluates once, at load. */
import { tensorAttribute } from '../attributes.js';
import type { Model, Node, Tensor } from '../graph.js';
import { everyName, Names } from '../names.js';
import { node } from '../node.js';
import { isOp } from '../opsets.js';
import { prune } from '../traverse.js';

/** How a weight is stored. */
export interface StoredForm {
  /** What is stored, by the ends of the names. */
  readonly parts: Readonly<Record<string, Tensor>>;
  /**
   * Nodes that compute the weight.
   * @param parts the names of the parts, in their order
   * @param weight the weight's name
   * @param free makes a name for a value in between, by its end
   */
  compute(parts: readonly string[], weight: string, free: (end: string) => string): readonly Node[];
}

/**
 * The model with its weights in a smaller form, equal ones stored once. Inputs and outputs are unchanged.
 * @param formOf undefined for a constant that is to stay as it is
 */
export function storeWeights(model: Model, formOf: (weight: Tensor) => StoredForm | undefined): Model {
  const { graph } = model;
  const names = new Names(everyName(graph));
  const nodeNames = new Names(graph.nodes.map((n) => n.name));
  const facing = new Set([...graph.inputs, ...graph.outputs].map((v) => v.name));
  const initializers = new Map<string, Tensor>();
  const stored = new Map<string, { readonly parts: readonly Tensor[]; readonly output: string }[]>();

  /** Stores a weight; nodes that compute its value, under its original name. */
  function store(name: string, weight: Tensor): Node[] | undefined {
    const form = formOf(weight);
    if (form === undefined) return undefined;
    const parts = Object.values(form.parts);
    const key = parts.map(({ dims, data }) => `${dims.join()}:${fingerprint(data)}`).join(' ');
    const alike = stored.get(key) ?? [];
    stored.set(key, alike);
    const twin = alike.find((other) => other.parts.every(({ data }, i) => equalBytes(data, parts[i]!.data)));
    if (twin) return named([node('Identity', [twin.output], [name])]);
    alike.push({ parts, output: name });
    const free = (end: string) => names.claim(`${name}.${end}`);
    const partNames = Object.entries(form.parts).map(([end, part]) => {
      const own = free(end);
      initializers.set(own, { ...part, name: own });
      return own;
    });
    return named(form.compute(partNames, name, free));
  }

  const named = (nodes: readonly Node[]): Node[] =>
    nodes.map((n) => ({ ...n, name: nodeNames.claim(n.name) }));

  const first: Node[] = [];
  for (const [name, t] of graph.initializers) {
    const nodes = facing.has(name) ? undefined : store(name, t);
    if (nodes) first.push(...nodes);
    else initializers.set(name, t);
  }
  const nodes = graph.nodes.flatMap((n) => {
    const value = isOp(n, 'Constant') ? tensorAttribute(n, 'value') : undefined;
    return (value && store(n.outputs[0]!, value)) ?? [n];
  });
  return { ...model, graph: prune({ ...graph, nodes: [...first, ...nodes], initializers }) };
}

/** FNV-1a of the bytes: equal bytes have equal fingerprints. */
function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
