/** What a rule sees of its node, be it a rule of shapes, of gradients or of a lowering. */
import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  tensorAttribute,
} from './attributes.js';
import type { DataType, Dim, Node, Shape, Tensor, TensorType } from './graph.js';

/**
 * What is known about a value before a run. `elements`, in row-major order, are those of a small tensor whose contents
 * follow from constants and shapes: a number, the name of a dimension (its size), or null if unknown. They are defined
 * only if the shape is known in numbers.
 */
export interface Known extends TensorType {
  readonly elements?: readonly Dim[] | undefined;
}

/** Longer lists are truncated in messages. */
const SHOWN_DIMS = 16;

/** A shape for messages: `[N, 3, ?, 224]`. */
export function formatShape(shape: Shape | undefined): string {
  if (shape === undefined) return '[unknown rank]';
  const dims = shape.slice(0, SHOWN_DIMS).map((d) => d ?? '?');
  return `[${(shape.length > SHOWN_DIMS ? [...dims, '…'] : dims).join(', ')}]`;
}

export abstract class NodeContext<Input extends Known = Known> {
  constructor(
    readonly node: Node,
    /** The inputs in order; undefined if omitted or unknown. */
    readonly inputs: readonly (Input | undefined)[],
  ) {}

  /** Throws an error that names the operator and the node. */
  abstract fail(reason: string): never;

  /** Whether input `i` is present, known or not. */
  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== '';
  }

  input(i: number): Input {
    return this.inputs[i] ?? this.fail(`input ${i} is missing or of an unknown type`);
  }

  dtype(i: number): DataType {
    return this.inputs[i]?.dtype ?? 'undefined';
  }

  shape(i: number): Shape | undefined {
    return this.inputs[i]?.shape;
  }

  /** The number of axes of input `i`, which must be known. */
  rank(i: number): number {
    return this.input(i).shape?.length ?? this.fail(`the number of axes of input ${i} is not known`);
  }

  /** The sizes of input `i` from an axis on, which must be known as numbers. */
  sizes(i: number, from = 0): readonly number[] {
    const sizes = this.input(i).shape?.slice(from);
    if (sizes?.every((d) => typeof d === 'number')) return sizes;
    const which = from === 2 ? ' after batch and channels' : from === 0 ? '' : ` from axis ${from} on`;
    return this.fail(`the sizes of input ${i}${which} must be known, found ${formatShape(sizes)}`);
  }

  /** The elements of input `i` if all are known numbers. */
  numbers(i: number): readonly number[] | undefined {
    return numbersOf(this.inputs[i]);
  }

  /** An axis in 0..rank-1, given one that may count from the end. */
  axis(axis: number, rank = this.rank(0)): number {
    if (axis < -rank || axis >= rank) this.fail(`axis ${axis} is outside ${rank} dimensions`);
    return axis < 0 ? axis + rank : axis;
  }

  int<T extends number | undefined>(name: string, fallback: T): number | T {
    return intAttribute(this.node, name, fallback);
  }

  ints<T extends readonly number[] | undefined = undefined>(
    name: string,
    fallback?: T,
  ): readonly number[] | T {
    return intsAttribute(this.node, name, fallback as T);
  }

  float<T extends number | undefined>(name: string, fallback: T): number | T {
    return floatAttribute(this.node, name, fallback);
  }

  floats(name: string): readonly number[] | undefined {
    return floatsAttribute(this.node, name);
  }

  string(name: string, fallback: string): string {
    return stringAttribute(this.node, name, fallback);
  }

  tensor(name: string): Tensor | undefined {
    return tensorAttribute(this.node, name);
  }
}

/** The elements of a value if all are known numbers. */
export const numbersOf = (known: Known | undefined): readonly number[] | undefined =>
  known?.elements?.every((e) => typeof e === 'number') ? known.elements : undefined;
