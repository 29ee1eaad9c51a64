/** What a rule of the blocked lowering sees: a node, its values and where its replacement is written. */
import { type GraphBuilder, type Node, NodeContext, nodeLabel } from '../../onnx/index.js';
import { LoweringError } from '../replacement.js';
import type { BlockedGraph } from './graph.js';
import type { KernelBuilder } from './layout/builder.js';
import type { BlockSize } from './layout/layouts.js';
import type { BlockedValue } from './value.js';

/** Writes a node's replacement; returns false, without writing anything, to keep the plain operator. */
export type Rule = (node: BlockedNode) => boolean;

export class BlockedNode extends NodeContext<BlockedValue> implements KernelBuilder {
  readonly g: GraphBuilder;
  readonly block: BlockSize;
  /** The outputs in order; undefined for omitted ones. */
  readonly outputs: readonly (BlockedValue | undefined)[];

  constructor(
    readonly graph: BlockedGraph,
    node: Node,
  ) {
    const value = (name: string) => (name === '' ? undefined : graph.value(name));
    super(node, node.inputs.map(value));
    this.g = graph.g;
    this.block = graph.block;
    this.outputs = node.outputs.map(value);
  }

  output(i = 0): BlockedValue {
    return this.outputs[i] ?? this.fail(`output ${i} is missing`);
  }

  fail(reason: string): never {
    throw new LoweringError(`${nodeLabel(this.node)}: ${reason}`);
  }
}
