/** Attributes of nodes: making them from plain values and reading them with ONNX's defaults. */
import { GraphError } from './errors.js';
import type { Attribute, Graph, Node, Tensor } from './graph.js';

const utf8 = new TextDecoder();

/** A floating-point attribute; a plain number would be an integer one. */
export const float = (value: number): Attribute => ({ kind: 'float', value });
/** An attribute of floating-point numbers; a plain array would be one of integers. */
export const floats = (value: ArrayLike<number>): Attribute => ({ kind: 'floats', value: Array.from(value) });

/** Plain values for attributes: a number is an integer, an array of numbers integers. */
export type AttributeInput =
  | number
  | bigint
  | string
  | readonly number[]
  | readonly bigint[]
  | readonly string[]
  | Tensor
  | Graph
  | Attribute;

/**
 * The attribute for a plain value.
 * @throws TypeError for a number that is not an integer: use `float(x)` for a floating-point attribute.
 */
export function attribute(value: AttributeInput): Attribute {
  if (typeof value === 'number' || typeof value === 'bigint') return { kind: 'int', value: integer(value) };
  if (typeof value === 'string') return { kind: 'string', value: new TextEncoder().encode(value) };
  if (Array.isArray(value)) {
    if (value.length && typeof value[0] === 'string') {
      return { kind: 'strings', value: value.map((s) => new TextEncoder().encode(s)) };
    }
    return { kind: 'ints', value: value.map(integer) };
  }
  const object = value as Tensor | Graph | Attribute;
  if ('kind' in object) return object;
  if ('nodes' in object) return { kind: 'graph', value: object };
  return { kind: 'tensor', value: object };
}

function integer(value: number | bigint): number | bigint {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new TypeError(
      `An integer attribute was given ${value}; a floating-point one is written float(${value})`,
    );
  }
  return value;
}

function read<K extends Attribute['kind']>(node: Node, name: string, kind: K) {
  const found = node.attributes.get(name);
  if (found === undefined) return undefined;
  if (found.kind !== kind) {
    throw new GraphError(
      `Attribute '${name}' of ${node.op} '${node.name}' must be ${kind}, found ${found.kind}`,
    );
  }
  return found as Extract<Attribute, { kind: K }>;
}

/** The integer attribute `name`, or `fallback` if the node lacks it. */
export function intAttribute<T extends number | undefined>(
  node: Node,
  name: string,
  fallback: T,
): number | T {
  const found = read(node, name, 'int');
  return found === undefined ? fallback : Number(found.value);
}

/** The integers of attribute `name`, or `fallback`. */
export function intsAttribute<T extends readonly number[] | undefined>(
  node: Node,
  name: string,
  fallback: T,
): readonly number[] | T {
  const found = read(node, name, 'ints');
  return found === undefined ? fallback : found.value.map(Number);
}

/** The floating-point attribute `name`, or `fallback`. */
export function floatAttribute<T extends number | undefined>(
  node: Node,
  name: string,
  fallback: T,
): number | T {
  const found = read(node, name, 'float');
  return found === undefined ? fallback : found.value;
}

/** The floating-point numbers of attribute `name`, if the node has it. */
export function floatsAttribute(node: Node, name: string): readonly number[] | undefined {
  return read(node, name, 'floats')?.value;
}

/** The string attribute `name`, or `fallback`. */
export function stringAttribute<T extends string | undefined>(
  node: Node,
  name: string,
  fallback: T,
): string | T {
  const found = read(node, name, 'string');
  return found === undefined ? fallback : utf8.decode(found.value);
}

/** The tensor attribute `name`, if the node has it. */
export function tensorAttribute(node: Node, name: string): Tensor | undefined {
  return read(node, name, 'tensor')?.value;
}
