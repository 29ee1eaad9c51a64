/** The gradient of a convolution for its input. */
import { type GraphBuilder, type Value, windowExtent } from '../../onnx/index.js';
import type { ReplacementRule } from '../replacement.js';
import { product } from '../sizes.js';
import { type Window, windowOf } from './window.js';

/**
 * With stride 1 a convolution of dy with the flipped weights, otherwise a transposed convolution, which also supports
 * padding wider than the kernel.
 */
export const convInputGradient: ReplacementRule = (c) => {
  const { g } = c;
  const [dy, w] = [c.input(0), c.input(1)];
  const window = windowOf(c, c.spatial(1));
  const { kernel, dilations, begins, ends, strides, group } = window;
  const reach = kernel.map((k, i) => (k - 1) * dilations[i]!);
  const plain = reach.every((r, i) => strides[i] === 1 && begins[i]! <= r && ends[i]! <= r);
  if (plain) {
    const pads = [...reach.map((r, i) => r - begins[i]!), ...reach.map((r, i) => r - ends[i]!)];
    return [
      g.op('Conv', [dy, turned(g, w, c.sizes(1, 0), window)], {
        kernel_shape: kernel,
        dilations,
        group,
        pads,
      }),
    ];
  }
  const spatial = c.ints('spatial', []);
  // The ambiguity of strided sizes: positions after the last window, which took no part.
  const open = c.spatial(0).map((count, i) => {
    const covered = strides[i]! * (count - 1) + windowExtent(kernel[i]!, dilations[i]!);
    return spatial[i]! - (covered - begins[i]! - ends[i]!);
  });
  return [
    g.op('ConvTranspose', [dy, w], {
      kernel_shape: kernel,
      strides,
      dilations,
      group,
      pads: [...begins, ...ends],
      output_padding: open,
    }),
  ];
};

/** Weights `[M, C/group, ...]` as `[C, M/group, ...]` with every kernel axis reversed. */
function turned(g: GraphBuilder, w: Value, sizes: readonly number[], { kernel, group }: Window): Value {
  const [m, perGroup] = [sizes[0]!, sizes[1]!];
  const count = product(kernel);
  const grouped = g.reshape(w, [group, m / group, perGroup, count]);
  const swapped = g.op('Transpose', [grouped], { perm: [0, 2, 1, 3] });
  const reversed =
    count === 1
      ? swapped
      : g.op('Gather', [swapped, g.ints(Array.from({ length: count }, (_, i) => count - 1 - i))], {
          axis: 3,
        });
  return g.reshape(reversed, [group * perGroup, m / group, ...kernel]);
}
