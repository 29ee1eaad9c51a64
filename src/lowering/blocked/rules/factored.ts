/**
 * Gradients held up to a factor on each channel. A convolution takes a factor on the channels of dy into its weights,
 * and its weight gradient is that without the factor, times it: passes over weights in the place of one over a map.
 */
import type { Value } from '../../../onnx/index.js';
import type { Blocking } from '../blocking.js';
import { conv, unitWindow } from '../kernels/operators.js';
import { product } from '../kernels/sizes.js';

/** How many times larger than the weights a map is to be: two passes over weights take the place of one over it. */
const WORTHWHILE = 4;

/** Whether all that read a gradient are the gradients of a convolution, whose weights are small beside it. */
export function factorsOut(b: Blocking, gradient: string): boolean {
  const readers = b.readersOf(gradient) ?? [];
  const elements = product(b.store.sizes(gradient) ?? []);
  return (
    readers.length > 0 &&
    readers.every((node) => {
      const [dy, other] = node.inputs;
      if (node.domain !== 'agewise' || dy !== gradient || other === gradient) return false;
      const weights =
        node.op === 'ConvInputGradient'
          ? other
          : node.op === 'ConvWeightGradient'
            ? node.outputs[0]
            : undefined;
      const sizes = b.store.sizes(weights);
      return sizes !== undefined && WORTHWHILE * product(sizes) <= elements;
    })
  );
}

/** Weights of `[O, I, K, K]`, in any layout of weights, times a factor `[O, 1, 1, 1]`. */
export function scaledOutputs({ g }: Blocking, weights: Value, factor: Value): Value {
  const [outputs, ...inner] = weights.shape as [number, ...number[]];
  // The outputs of a block are its innermost axis, as channels are.
  const seen = g.reshape(weights, [1, outputs, product(inner), 1]);
  return g.reshape(conv(g, seen, factor, unitWindow(), { group: outputs }), [outputs, ...inner]);
}
