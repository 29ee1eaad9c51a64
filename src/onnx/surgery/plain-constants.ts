/** Turns constants of all forms into initializers. */
import type { Model, Node } from '../graph.js';
import { prune } from '../traverse.js';
import { constantResolver } from './constants.js';

/**
 * The model with every constant that is a Constant node, behind an Identity, or stored as float16 behind a Cast as an
 * initializer, under the name by which it is read. Shared storage becomes one constant for each reader name. Constants
 * that older files list as inputs are no longer inputs, so that callers cannot replace them.
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
