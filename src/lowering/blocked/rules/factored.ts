/**
 * Gradients held up to a factor on each channel. A convolution takes a factor on the channels of dy into its weights,
 * and its weight gradient is that without the factor, times it: passes over weights in the place of one over a map.
 */
import { isOp, type Value } from '../../../onnx/index.js';
import { product } from '../../sizes.js';
import type { BlockedGraph } from '../graph.js';
import type { Operand } from '../layout/builder.js';
import { weightsOf } from '../layout/weights.js';
import type { BlockedValue } from '../value.js';

/** How many times larger than the weights a map is to be: two passes over weights take the place of one over it. */
const WORTHWHILE = 4;

/** Whether all that read a gradient are the gradients of a convolution, whose weights are small beside it. */
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

/** Lets readers of a gradient have it without a factor, which they put elsewhere. */
export function holdFactored(gradient: BlockedValue, value: Operand, factor: Value): void {
  factored.set(gradient, { value, factor });
}

/** The gradient without its factor, where it has one. */
export const factoredOf = (gradient: BlockedValue): Factored =>
  factored.get(gradient) ?? { value: gradient, factor: undefined };
