/** What a rule of shape inference sees of its node: the operator's version, its inputs' types, known values. */
import type { Attribute, DataType, Dim, Node, Shape, TensorType } from '../graph.js';

/** Thrown where shapes or types contradict an operator. The message names operator, node and shapes. */
export class ShapeError extends Error {
  override name = 'ShapeError';
}

/**
 * What is known of a value before anything runs. `value` holds the elements, in row-major order, of a small
 * tensor whose contents follow from constants and shapes: a number, the name of a dimension (its size), or
 * null for an element that is not known. It is there only where the shape is known in numbers.
 */
export interface Known {
  readonly dtype: DataType;
  readonly shape: Shape | undefined;
  readonly value?: readonly Dim[] | undefined;
}

/** Types of a node's outputs, in order; undefined where nothing is known of one. */
export type Rule = (c: NodeContext) => readonly (Known | undefined)[];

/** Rules by operator name, of one domain. */
export type Rules = Readonly<Record<string, Rule>>;

/** How types of a subgraph's outputs are found, with the values of the graph around it in sight. */
export type InferSubgraph = (
  name: string,
  inputs: readonly (Known | undefined)[],
) => readonly (Known | undefined)[];

/** `[N, 3, ?, 224]`, as shapes stand in messages. */
export function formatShape(shape: Shape | undefined): string {
  return shape === undefined ? '[unknown rank]' : `[${shape.map((d) => d ?? '?').join(', ')}]`;
}

export class NodeContext {
  constructor(
    readonly node: Node,
    /** The version of the operator set that the node's domain is imported with. */
    readonly opset: number,
    readonly inputs: readonly (Known | undefined)[],
    readonly subgraph: InferSubgraph = () => [],
  ) {}

  /** Whether input `i` is given, known or not. */
  has(i: number): boolean {
    return (this.node.inputs[i] ?? '') !== '';
  }

  dtype(i: number): DataType {
    return this.inputs[i]?.dtype ?? 'undefined';
  }

  shape(i: number): Shape | undefined {
    return this.inputs[i]?.shape;
  }

  /** The shape of input `i`, which is to have `rank` dimensions. */
  shapeOfRank(i: number, rank: number): Shape | undefined {
    const shape = this.shape(i);
    if (shape !== undefined && shape.length !== rank) {
      this.fail(`input ${i} is expected to have ${rank} dimensions, found ${formatShape(shape)}`);
    }
    return shape;
  }

  /** The elements of input `i` as far as known. */
  value(i: number): readonly Dim[] | undefined {
    return this.inputs[i]?.value;
  }

  /** The elements of input `i` where every one is a known number. */
  numbers(i: number): readonly number[] | undefined {
    const value = this.value(i);
    return value?.every((v) => typeof v === 'number') ? (value as readonly number[]) : undefined;
  }

  private attribute<K extends Attribute['kind']>(name: string, kind: K) {
    const found = this.node.attributes.get(name);
    if (found === undefined) return undefined;
    if (found.kind !== kind) this.fail(`attribute '${name}' is expected to be ${kind}, found ${found.kind}`);
    return found as Extract<Attribute, { kind: K }>;
  }

  int(name: string, fallback: number): number {
    const found = this.attribute(name, 'int');
    return found === undefined ? fallback : Number(found.value);
  }

  ints(name: string): readonly number[] | undefined {
    return this.attribute(name, 'ints')?.value.map(Number);
  }

  floats(name: string): readonly number[] | undefined {
    return this.attribute(name, 'floats')?.value;
  }

  string(name: string, fallback: string): string {
    const found = this.attribute(name, 'string');
    return found === undefined ? fallback : new TextDecoder().decode(found.value);
  }

  tensor(name: string) {
    return this.attribute(name, 'tensor')?.value;
  }

  /** Throws a ShapeError with the operator, the node and the shapes of its inputs. */
  fail(reason: string): never {
    const { op, domain, name, outputs } = this.node;
    const label = domain === '' || domain === 'ai.onnx' ? op : `${domain}.${op}`;
    const inputs = this.inputs.map((k) => (k === undefined ? '-' : `${k.dtype} ${formatShape(k.shape)}`));
    throw new ShapeError(
      `${label} '${name || (outputs[0] ?? '')}': ${reason} (inputs: ${inputs.join(', ')})`,
    );
  }

  /** An axis in 0..rank-1 from one that may count from the end. */
  axis(axis: number, rank: number): number {
    if (axis < -rank || axis >= rank) this.fail(`axis ${axis} is outside ${rank} dimensions`);
    return axis < 0 ? axis + rank : axis;
  }
}

/** The one output of most operators. */
export const one = (type: TensorType, value?: readonly Dim[]): readonly Known[] => [
  value === undefined ? type : { ...type, value },
];
