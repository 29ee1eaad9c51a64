/** Lowering by replacement: rules that each replace a node by a piece of graph. */
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

/** Thrown if an operator cannot be expressed. The message names operator and node. */
export class LoweringError extends AgewiseError {
  override readonly name = 'LoweringError';
}

/** A node that may be replaced: its inputs, in the builder of its replacement. */
export class ReplacedNode extends NodeContext<Value> {
  constructor(
    readonly g: GraphBuilder,
    node: Node,
    inputs: readonly (Value | undefined)[],
    /** What is known about the values of the surrounding graph. */
    private readonly known: ReadonlyMap<string, Known>,
    /** Whether output `i` is used. */
    readonly wants: (i: number) => boolean,
  ) {
    super(node, inputs);
  }

  /** The number of channels of input `i`, `[N, C, ...]`; all sizes except the batch must be known. */
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

/** Returns the node's outputs in order, undefined for unused ones; or undefined to keep the node. */
export type ReplacementRule = (c: ReplacedNode) => readonly (Value | undefined)[] | undefined;

/** Rules by operator name, with the domain if it is not ONNX's own. */
export type ReplacementRules = Readonly<Record<string, ReplacementRule>>;
