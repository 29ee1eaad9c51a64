/** What a rule of shape inference sees of its node beyond what every rule sees: the operator's version, and bodies. */
import { ShapeError } from '../errors.js';
import type { Dim, Node, Shape, TensorType } from '../graph.js';
import { formatShape, type Known, NodeContext } from '../node-context.js';
import { nodeLabel } from '../opsets.js';

export { formatShape, type Known } from '../node-context.js';

/** Types of a node's outputs, in order; undefined if nothing is known. */
export type Rule = (c: ShapeContext) => readonly (Known | undefined)[];

/** Rules by operator name, of one domain. */
export type Rules = Readonly<Record<string, Rule>>;

/** Infers the types of a subgraph's outputs, with access to the values of the surrounding graph. */
export type InferSubgraph = (
  name: string,
  inputs: readonly (Known | undefined)[],
) => readonly (Known | undefined)[];

/** Messages show at most this many inputs of a node. */
const SHOWN_INPUTS = 8;

export class ShapeContext extends NodeContext {
  constructor(
    node: Node,
    /** The imported version of the node's domain. */
    readonly opset: number,
    inputs: readonly (Known | undefined)[],
    readonly subgraph: InferSubgraph = () => [],
  ) {
    super(node, inputs);
  }

  /** The shape of input `i`, which must have `rank` dimensions. */
  shapeOfRank(i: number, rank: number): Shape | undefined {
    const shape = this.shape(i);
    if (shape !== undefined && shape.length !== rank) {
      this.fail(`input ${i} must have ${rank} dimensions, found ${formatShape(shape)}`);
    }
    return shape;
  }

  /** The elements of input `i` as far as known. */
  elements(i: number): readonly Dim[] | undefined {
    return this.inputs[i]?.elements;
  }

  /** Throws a ShapeError with the operator, the node and the shapes of its inputs. */
  fail(reason: string): never {
    const inputs = this.inputs
      .slice(0, SHOWN_INPUTS)
      .map((k) => (k === undefined ? '-' : `${k.dtype} ${formatShape(k.shape)}`));
    if (this.inputs.length > SHOWN_INPUTS) inputs.push('…');
    throw new ShapeError(`${nodeLabel(this.node)}: ${reason} (inputs: ${inputs.join(', ')})`);
  }
}

/** The one output of most operators. */
export const one = (type: TensorType, elements?: readonly Dim[]): readonly Known[] => [
  elements === undefined ? type : { ...type, elements },
];
