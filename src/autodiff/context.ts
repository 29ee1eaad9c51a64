/** What a gradient rule sees of its node. */
import type { GraphBuilder, Node, Value } from '../onnx/index.js';

/** Thrown where a gradient does not exist or is not supported. The message names operator and node. */
export class GradientError extends Error {
  override name = 'GradientError';
}

/**
 * The gradients of a node's inputs, in their order; undefined for one that is not differentiable, is identically
 * zero or that `needs` does not ask for.
 */
export type GradientRule = (c: GradientContext) => readonly (Value | undefined)[];

/** Rules by operator name, of one domain. */
export type GradientRules = Readonly<Record<string, GradientRule>>;

/** `Conv 'stem.conv'`, as nodes stand in messages. */
export function label(node: Node): string {
  const domain = node.domain === '' || node.domain === 'ai.onnx' ? '' : `${node.domain}.`;
  return `${domain}${node.op} '${node.name || (node.outputs[0] ?? '')}'`;
}

export class GradientContext {
  constructor(
    readonly g: GraphBuilder,
    readonly node: Node,
    readonly inputs: readonly (Value | undefined)[],
    readonly outputs: readonly (Value | undefined)[],
    /** The outputs' gradients; undefined where nothing flows back into one. */
    readonly gradients: readonly (Value | undefined)[],
    private readonly needed: readonly boolean[],
  ) {}

  /** Whether the gradient of input `i` is wanted. */
  needs(i: number): boolean {
    return this.needed[i] ?? false;
  }

  /** Whether input `i` is given. */
  has(i: number): boolean {
    return this.inputs[i] !== undefined;
  }

  input(i: number): Value {
    return this.inputs[i] ?? this.fail(`input ${i} is missing or of an unknown type`);
  }

  output(i = 0): Value {
    return this.outputs[i] ?? this.fail(`output ${i} is missing or of an unknown type`);
  }

  /**
   * The gradient of the first output, for operators of which no other is differentiable.
   * @throws GradientError where something flows back into another output.
   */
  get dy(): Value {
    const other = this.gradients.findIndex((value, i) => i > 0 && value !== undefined);
    if (other > 0) this.fail(`output ${other} is not differentiable`);
    return this.gradients[0]!;
  }

  /** The elements of input `i` where they are known before anything runs. */
  numbers(i: number): readonly number[] | undefined {
    const value = this.inputs[i];
    return value && this.g.numbers(value);
  }

  /** The number of axes of input `i`. */
  rank(i: number): number {
    return this.input(i).shape?.length ?? this.fail(`the number of axes of input ${i} is not known`);
  }

  fail(reason: string): never {
    throw new GradientError(`The gradient of ${label(this.node)}: ${reason}`);
  }
}
