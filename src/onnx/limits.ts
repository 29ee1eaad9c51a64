/** Bounds that a node keeps its values in. */
import type { Node, Tensor } from './graph.js';
import { isOp } from './opsets.js';
import { float32Values } from './tensor.js';

/**
 * The bounds [low, high] of a Relu or a Clip; undefined for other nodes, and for unknown bounds.
 * @param constant finds constants by name
 */
export function limitsOf(
  node: Node,
  constant: (name: string) => Tensor | undefined,
): [number, number] | undefined {
  if (isOp(node, 'Relu')) return [0, Number.POSITIVE_INFINITY];
  if (!isOp(node, 'Clip')) return undefined;
  const bounds = [node.inputs[1], node.inputs[2]].map((name, i) => {
    if (!name) return i === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const value = constant(name);
    return value?.dtype === 'float32' ? float32Values(value)[0] : undefined;
  });
  return bounds.includes(undefined) ? undefined : (bounds as [number, number]);
}
