/**
 * Gradients stored without a per-channel factor. A convolution multiplies its weights by the factor of dy's channels,
 * and its weight gradient is multiplied by it afterwards: passes over weights instead of one over a map.
 */
import { isOp, type Value } from '../../../onnx/index.js';
import { product } from '../../sizes.js';
import type { BlockedGraph } from '../graph.js';
import type { Operand } from '../layout/builder.js';
import { weightsOf } from '../layout/weights.js';
import type { BlockedValue } from '../value.js';

/** The minimum ratio of a map's size to the weights': two passes over weights replace one over the map. */
const WORTHWHILE = 4;

/** Whether a gradient is read only by gradients of convolutions whose weights are small compared with it. */
export function factorsOut(graph: BlockedGraph, gradient: BlockedValue): boolean {
  const readers = gradient.usage.readers ?? [];
  const elements = product(gradient.sizes ?? []);
  return (
    readers.length > 0 &&
    readers.every((node) => {
      const [dy, other] = node.inputs;
      const weights = isOp(node, 'Conv') ? undefined : weightsOf(node);
      if (dy !== gradient.name || other === gradient.name) return false;
      const sizes = weights === undefined ? undefined : graph.value(weights).sizes;
      return sizes !== undefined && WORTHWHILE * product(sizes) <= elements;
    })
  );
}

export interface Factored {
  readonly value: Operand;
  /** `[C, 1, 1, 1]` */
  readonly factor: Value | undefined;
}

const factored = new WeakMap<BlockedValue, Factored>();

/** Offers a gradient without its factor to readers, which apply it elsewhere. */
export function holdFactored(gradient: BlockedValue, value: Operand, factor: Value): void {
  factored.set(gradient, { value, factor });
}

/** The gradient without its factor, if it has one. */
export const factoredOf = (gradient: BlockedValue): Factored =>
  factored.get(gradient) ?? { value: gradient, factor: undefined };
