/** What a lowering by replacement is made of: rules, each of which puts a piece of graph in the place of a node. */
import { AgewiseError } from '../errors/index.js';
import {
  type GraphBuilder,
  type Known,
  type Node,
  NodeContext,
  nodeLabel,
  numbersOf,
  type Shape,
  type Value,
} from '../onnx/index.js';

/** Thrown where an operator cannot be expressed. The message names operator and node. */
export class LoweringError extends AgewiseError {
  override readonly name = 'LoweringError';
}

/** A node that may be replaced: what it reads, in the builder in which its replacement is written. */
export class ReplacedNode extends NodeContext<Value> {
  constructor(
    readonly g: GraphBuilder,
    node: Node,
    inputs: readonly (Value | undefined)[],
    /** What is known of the values of the graph around the node. */
    private readonly known: ReadonlyMap<string, Known>,
    /** Whether output `i` is read by anything. */
    readonly wants: (i: number) => boolean,
  ) {
    super(node, inputs);
  }

  /** The number of channels of input `i`, `[N, C, ...]`; its sizes must be known but for the batch. */
  channels(i: number): number {
    return this.sizes(i, 1)[0]!;
  }

  /** The sizes of input `i` after batch and channels, which must be known. */
  spatial(i: number): readonly number[] {
    return this.sizes(i, 2);
  }

  override numbers(i: number): readonly number[] | undefined {
    return numbersOf(this.known.get(this.node.inputs[i] ?? ''));
  }

  /** The shape of output `i`, as far as it is known. */
  outputShape(i = 0): Shape | undefined {
    return this.known.get(this.node.outputs[i] ?? '')?.shape;
  }

  fail(reason: string): never {
    throw new LoweringError(`${nodeLabel(this.node)}: ${reason}`);
  }
}

/**
 * Gives the outputs that the node had, in order, of which those that are not wanted may be undefined; undefined where
 * the node is to stand.
 */
export type ReplacementRule = (c: ReplacedNode) => readonly (Value | undefined)[] | undefined;

/** Rules by the operator's name, with its domain where that is not ONNX's own. */
export type ReplacementRules = Readonly<Record<string, ReplacementRule>>;
