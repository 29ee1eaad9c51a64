/** A node that a piece of graph is to replace. */
import { type GraphBuilder, type Node, NodeContext, nodeLabel, type Value } from '../../onnx/index.js';

/** A node to be expanded: what it reads, in the builder in which its replacement is written. */
export class Expansion extends NodeContext<Value> {
  constructor(
    readonly g: GraphBuilder,
    node: Node,
    inputs: readonly (Value | undefined)[],
    /** Whether output `i` is read by anything. */
    readonly wants: (i: number) => boolean,
  ) {
    super(node, inputs);
  }

  override sizes(i: number, from = 2): readonly number[] {
    return super.sizes(i, from);
  }

  fail(reason: string): never {
    throw new LoweringError(`${nodeLabel(this.node)}: ${reason}`);
  }
}

/** Thrown where an operator cannot be expressed. The message names operator and node. */
export class LoweringError extends Error {
  override name = 'LoweringError';
}

/** Gives the outputs that the node had, in order; those that are not wanted may be undefined. */
export type Expand = (e: Expansion) => readonly (Value | undefined)[];
