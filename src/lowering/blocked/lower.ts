/** The lowering to blocked kernels: one walk over the nodes, each rewritten by its rule or written as it stands. */
import { inferTypes, type Model, type Node, subgraphs, type TensorType } from '../../onnx/index.js';
import { lowerToStandard } from '../standard/index.js';
import { Blocking, type Rule } from './blocking.js';
import type { BlockSize } from './layout/layouts.js';
import { type StateEntry, stateLayouts } from './layout/state.js';
import { withLayouts } from './layout/state-metadata.js';
import { batchNormalization, batchNormGradient, batchStatistics } from './rules/batch-norm.js';
import { convolution } from './rules/convolution.js';
import {
  add,
  clip,
  ELEMENTWISE,
  elementwise,
  hardSwishGradient,
  multiply,
  relu,
  reluGradient,
  subtract,
} from './rules/elementwise.js';
import { convInputGradient } from './rules/input-gradient.js';
import { maxPool, maxPoolGradient } from './rules/pooling.js';
import { concat, expand, globalAveragePool, reduction, split } from './rules/shaping.js';
import { convWeightGradient } from './rules/weight-gradient.js';

const GRADIENTS = 'agewise';

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...[...ELEMENTWISE].map((op): [string, Rule] => [op, elementwise]),
  ['Add', add],
  ['Mul', multiply],
  ['Sub', subtract],
  ['Relu', relu],
  ['Clip', clip],
  ['Conv', convolution],
  ['BatchNormalization', batchNormalization],
  ['MaxPool', maxPool],
  ['GlobalAveragePool', globalAveragePool],
  ['Expand', expand],
  ...['ReduceSum', 'ReduceSumSquare', 'ReduceL2', 'ReduceMax', 'ReduceMin'].map((op): [string, Rule] => [
    op,
    reduction,
  ]),
  ['Concat', concat],
  ['Split', split],
  [`${GRADIENTS}.ConvInputGradient`, convInputGradient],
  [`${GRADIENTS}.ConvWeightGradient`, convWeightGradient],
  [`${GRADIENTS}.ReluGradient`, reluGradient],
  [`${GRADIENTS}.HardSwishGradient`, hardSwishGradient],
  [`${GRADIENTS}.MaxPoolGradient`, maxPoolGradient],
  [`${GRADIENTS}.BatchStatistics`, batchStatistics],
  [`${GRADIENTS}.BatchNormGradient`, batchNormGradient],
]);

const ruleOf = ({ domain, op }: Node): Rule | undefined => rules.get(domain === '' ? op : `${domain}.${op}`);

/**
 * The model on blocked kernels, where there are any for its operators, sizes and types, and on standard operators
 * elsewhere. Sizes have to be known: what is open stays plain. The layouts of the state stand in the model's
 * metadata (see `layoutsOf`); all other inputs and outputs are in ONNX's own order.
 */
export function lowerToBlocked(model: Model, block: BlockSize, state: readonly StateEntry[]): Model {
  const { graph } = model;
  const defaults = graph.inputs.some((input) => graph.initializers.has(input.name));
  // Bodies of If and Loop read values by name, which have several forms here.
  if (defaults || graph.nodes.some((node) => subgraphs(node).length > 0)) return lowerToStandard(model);

  const types = inferTypes(model);
  const b = new Blocking(model, block, types);
  const layouts = stateLayouts(model, block, state, (name) => b.store.sizes(name));
  for (const { name, type } of graph.inputs) {
    if (type === undefined) return lowerToStandard(model);
    b.store.set(name, layouts.get(name) ?? 'plain', b.g.input(name, type.dtype, type.shape ?? []));
  }
  for (const [name, constant] of graph.initializers) b.store.set(name, 'plain', b.g.constant(constant));
  for (const node of graph.nodes) {
    if (!(ruleOf(node)?.(b, node) ?? false)) copy(b, node, types);
  }
  for (const { name } of graph.outputs) {
    b.g.output(b.store.in(name, layouts.get(name) ?? 'plain'), name);
  }
  const built = b.g.build();
  const metadata = withLayouts(model.metadata, block, layouts);
  return lowerToStandard({ ...model, opsets: built.opsets, graph: built.graph, metadata });
}

/** The node as it stands, on plain values. */
function copy(b: Blocking, node: Node, types: ReadonlyMap<string, TensorType>): void {
  const inputs = node.inputs.map((name) => (name === '' ? undefined : b.store.plain(name)));
  const outputs = b.g.custom(node.domain, node.op, node.outputs.length, inputs, {
    attributes: Object.fromEntries(node.attributes),
    types: node.outputs.map((name) => types.get(name) ?? { dtype: 'undefined', shape: undefined }),
  });
  node.outputs.forEach((name, i) => {
    b.store.set(name, 'plain', outputs[i]!);
  });
}
