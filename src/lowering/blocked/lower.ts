/** The lowering to blocked kernels: one walk over the nodes, each rewritten by its rule or written as it stands. */
import { inferTypes, type Model, subgraphs } from '../../onnx/index.js';
import { lowerToStandard } from '../standard/index.js';
import { BlockedGraph } from './graph.js';
import type { BlockSize } from './layout/layouts.js';
import { type StateEntry, stateLayouts } from './layout/state.js';
import { withLayouts } from './layout/state-metadata.js';
import { BlockedNode } from './node.js';
import { ruleOf } from './rules/index.js';

/**
 * The model on blocked kernels where they support its operators, sizes and types, and on standard operators elsewhere.
 * Values of unknown size stay plain. The layouts of the state are in the model's metadata (see `layoutsOf`); all other
 * inputs and outputs are in ONNX's own order.
 */
export function lowerToBlocked(model: Model, block: BlockSize, state: readonly StateEntry[]): Model {
  const { graph } = model;
  const defaults = graph.inputs.some((input) => graph.initializers.has(input.name));
  // Bodies of If and Loop read values by name, but values have several forms here.
  if (defaults || graph.nodes.some((node) => subgraphs(node).length > 0)) return lowerToStandard(model);

  const blocked = new BlockedGraph(model, block, inferTypes(model));
  const { g } = blocked;
  const layouts = stateLayouts(model, block, state, (name) => blocked.value(name).sizes);
  for (const { name, type } of graph.inputs) {
    if (type === undefined) return lowerToStandard(model);
    blocked.value(name).set(layouts.get(name) ?? 'plain', g.input(name, type.dtype, type.shape ?? []));
  }
  for (const [name, constant] of graph.initializers) blocked.value(name).set('plain', g.constant(constant));
  for (const node of graph.nodes) {
    const seen = new BlockedNode(blocked, node);
    if (!ruleOf(node)?.(seen)) copy(seen);
  }
  for (const { name } of graph.outputs) g.output(blocked.value(name).in(layouts.get(name) ?? 'plain'), name);
  const built = g.build();
  const metadata = withLayouts(model.metadata, block, layouts);
  return lowerToStandard({ ...model, opsets: built.opsets, graph: built.graph, metadata });
}

/** Writes the node unchanged, on plain values. */
function copy({ g, node, inputs, outputs }: BlockedNode): void {
  const copies = g.custom(
    node.domain,
    node.op,
    outputs.length,
    inputs.map((x) => x?.plain),
    {
      attributes: Object.fromEntries(node.attributes),
      types: outputs.map((y) => ({ dtype: y?.dtype ?? 'undefined', shape: y?.shape })),
    },
  );
  copies.forEach((value, i) => {
    outputs[i]?.set('plain', value);
  });
}
