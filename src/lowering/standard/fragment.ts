/** A node that a piece of graph is to replace. */
import { formatShape, type GraphBuilder, type Node, type Value } from '../../onnx/index.js';

/** A node to be expanded: what it reads, in the builder in which its replacement is written. */
export class Expansion {
  constructor(
    readonly g: GraphBuilder,
    readonly node: Node,
    readonly inputs: readonly (Value | undefined)[],
    /** Whether output `i` is read by anything. */
    readonly wants: (i: number) => boolean,
  ) {}

  input(i: number): Value {
    return this.inputs[i] ?? this.fail(`input ${i} is missing or of an unknown type`);
  }

  /** The sizes of input `i` from an axis on, which are to be known. */
  sizes(i: number, from = 2): readonly number[] {
    const shape = this.input(i).shape;
    const sizes = shape?.slice(from);
    if (!sizes?.every((d) => typeof d === 'number')) {
      return this.fail(
        `the sizes of input ${i} from axis ${from} on are to be known, found ${formatShape(shape)}`,
      );
    }
    return sizes as number[];
  }

  fail(reason: string): never {
    throw new LoweringError(`${this.node.domain}.${this.node.op} '${this.node.name}': ${reason}`);
  }
}

/** Thrown where an operator cannot be expressed. The message names operator and node. */
export class LoweringError extends Error {
  override name = 'LoweringError';
}

/** Gives the outputs that the node had, in order; those that are not wanted may be undefined. */
export type Expand = (e: Expansion) => readonly (Value | undefined)[];
