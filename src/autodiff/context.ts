/** What a gradient rule sees of its node beyond what every rule sees: its outputs, and their gradients. */
import { AgewiseError } from '../errors/index.js';
import { type GraphBuilder, type Node, NodeContext, nodeLabel, type Value } from '../onnx/index.js';

/** Thrown if a gradient does not exist or is not supported. The message names operator and node. */
export class GradientError extends AgewiseError {
  override readonly name = 'GradientError';
}

/**
 * The gradients of a node's inputs, in order; undefined for one that is not differentiable, is identically zero or is
 * not needed (`needs`).
 */
export type GradientRule = (c: GradientContext) => readonly (Value | undefined)[];

/** Rules by operator name, of one domain. */
export type GradientRules = Readonly<Record<string, GradientRule>>;

export class GradientContext extends NodeContext<Value> {
  constructor(
    readonly g: GraphBuilder,
    node: Node,
    /** The outputs' gradients; undefined for an output without a gradient. */
    readonly gradients: readonly (Value | undefined)[],
    private readonly needed: readonly boolean[],
    private readonly makers: ReadonlyMap<string, Node>,
  ) {
    super(
      node,
      node.inputs.map((name) => g.find(name)),
    );
  }

  /** Whether the gradient of input `i` is needed. */
  needs(i: number): boolean {
    return this.needed[i] ?? false;
  }

  /** The node that computes input `i`; undefined for an input or a constant of the graph. */
  maker(i: number): Node | undefined {
    return this.makers.get(this.node.inputs[i] ?? '');
  }

  /** Output `i`; undefined if the node does not have it, or nothing is known about it. */
  given(i: number): Value | undefined {
    return this.g.find(this.node.outputs[i] ?? '');
  }

  output(i = 0): Value {
    return this.given(i) ?? this.fail(`output ${i} is missing or of an unknown type`);
  }

  /** The sizes of the first output from an axis on, which must be known as numbers. */
  outputSizes(from = 0): readonly number[] {
    const sizes = this.output().shape?.slice(from);
    return sizes?.every((d) => typeof d === 'number')
      ? sizes
      : this.fail('the sizes of its output must be known');
  }

  /**
   * The gradient of the first output, for operators with no other differentiable output.
   * @throws GradientError if another output has a gradient.
   */
  get dy(): Value {
    const other = this.gradients.findIndex((value, i) => i > 0 && value !== undefined);
    if (other > 0) this.fail(`output ${other} is not differentiable`);
    return this.gradients[0]!;
  }

  fail(reason: string): never {
    throw new GradientError(`The gradient of ${nodeLabel(this.node)}: ${reason}`);
  }
}
