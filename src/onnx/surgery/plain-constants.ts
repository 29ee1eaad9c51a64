/** Constants as initializers, whatever an exporter made of them. */
import type { Model, Node } from '../graph.js';
import { prune } from '../traverse.js';
import { constantResolver } from './constants.js';

/**
 * The model with each constant that stands in a node (Constant), behind one (Identity) or is stored as float16 (behind
 * a Cast to float32) as an initializer, under the name by which others read it. What was stored once for several
 * becomes a constant for each. Constants that older files list as inputs are inputs no longer, so that no caller can
 * replace them.
 */
export function plainConstants(model: Model): Model {
  const { initializers: stored } = model.graph;
  const graph = { ...model.graph, inputs: model.graph.inputs.filter((i) => !stored.has(i.name)) };
  const resolve = constantResolver(graph);
  const outputs = new Set(graph.outputs.map((o) => o.name));
  const initializers = new Map(stored);
  const isPlain = (node: Node): boolean => {
    const [name] = node.outputs;
    const value = node.outputs.length === 1 && !outputs.has(name!) ? resolve(name) : undefined;
    if (value === undefined) return false;
    initializers.set(name!, { ...value, name: name! });
    return true;
  };
  const nodes = graph.nodes.filter((node) => !isPlain(node));
  return { ...model, graph: prune({ ...graph, nodes, initializers }) };
}
