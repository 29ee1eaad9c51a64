/** The gradient of a convolution for its weights. */
import { type GraphBuilder, type Value, windowExtent } from '../../onnx/index.js';
import type { ReplacedNode, ReplacementRule } from '../replacement.js';
import { filled, product } from '../sizes.js';
import { taps, type Window, windowOf } from './window.js';

/** With fewer channels, matrix products for single taps are too thin to be fast. */
const THIN_CHANNELS = 16;

/**
 * For one group: for each tap of the kernel the product of dy with the elements of x at that tap, over the whole batch.
 * For several groups the same for all taps at once, as a batched product over groups. For single channels (depthwise) a
 * product gains nothing: each plane of x is convolved with its plane of dy.
 */
export const convWeightGradient: ReplacementRule = (c) => {
  const window = windowOf(c, c.ints('kernel_shape', []));
  const channels = c.channels(1);
  const outputs = c.channels(0);
  if (window.group === 1) return [dense(c, window)];
  const depthwise = window.group === channels && window.group === outputs;
  const batch = c.shape(1)?.[0];
  return [depthwise && typeof batch === 'number' ? planes(c, window, batch) : grouped(c, window)];
};

/** `[N, C, ...]` as `[C, N, ...]`. */
function channelsFirst(g: GraphBuilder, x: Value): Value {
  const rest = Array.from({ length: x.shape!.length - 2 }, (_, i) => i + 2);
  return g.op('Transpose', [x], { perm: [1, 0, ...rest] });
}

function dense(c: ReplacedNode, window: Window): Value {
  const { g } = c;
  const [dy, x] = [c.input(0), c.input(1)];
  const [outputs, count] = [c.channels(0), c.spatial(0)];
  const channels = c.channels(1);
  const rows = g.reshape(channelsFirst(g, dy), [outputs, -1]);
  // [outputs, rows of the tapped elements]
  const product = (seen: Value, height: number) =>
    g.op('Gemm', [rows, g.reshape(seen, [height, -1])], { transB: 1 });
  const seen = taps(g, channelsFirst(g, x), window, count, 0);
  if (seen.length === 1) return g.reshape(product(seen[0]!, channels), [outputs, channels, ...window.kernel]);
  const all =
    channels < THIN_CHANNELS
      ? product(g.op('Concat', seen, { axis: 0 }), seen.length * channels)
      : g.op(
          'Concat',
          seen.map((tap) => product(tap, channels)),
          { axis: 1 },
        );
  const split = g.reshape(all, [outputs, seen.length, channels]);
  return g.reshape(g.op('Transpose', [split], { perm: [0, 2, 1] }), [outputs, channels, ...window.kernel]);
}

function grouped(c: ReplacedNode, window: Window): Value {
  const { g } = c;
  const [dy, x] = [c.input(0), c.input(1)];
  const [outputs, count] = [c.channels(0), c.spatial(0)];
  const channels = c.channels(1);
  const { group, kernel } = window;
  const [m, k] = [outputs / group, channels / group];
  // [group, k, N, positions] by tap, joined to [group, taps, k, N·positions]
  const parts = taps(g, channelsFirst(g, x), window, count, 0).map((tap) =>
    g.reshape(tap, [group, 1, k, -1]),
  );
  const seen = parts.length === 1 ? parts[0]! : g.op('Concat', parts, { axis: 1 });
  const columns = g.reshape(seen, [group, parts.length * k, -1]);
  // dy as [group, N·positions, m]
  const split = g.reshape(dy, [-1, group, m, product(count)]);
  const rows = g.reshape(g.op('Transpose', [split], { perm: [1, 0, 3, 2] }), [group, -1, m]);
  const all = g.reshape(g.op('MatMul', [columns, rows]), [group, parts.length, k, m]);
  return g.reshape(g.op('Transpose', [all], { perm: [0, 3, 2, 1] }), [outputs, k, ...kernel]);
}

/**
 * Each plane of each image is a group of its own: x `[1, N·C, ...]` convolved with dy `[N·C, 1, ...]` as its
 * weights, stride and dilation exchanged.
 */
function planes(c: ReplacedNode, { kernel, strides, dilations, begins }: Window, batch: number): Value {
  const { g } = c;
  const rank = kernel.length;
  const [channels, spatial] = [c.channels(1), c.spatial(1)];
  const count = c.spatial(0);
  const all = batch * channels;
  const image = g.reshape(c.input(1), [1, all, ...spatial]);
  const weights = g.reshape(c.input(0), [all, 1, ...count]);
  // Up to the last window's end, which may be more or less than the padding.
  const needed = spatial.map((size, i) => {
    const reach = (count[i]! - 1) * strides[i]! + windowExtent(kernel[i]!, dilations[i]!);
    return Math.max(reach - size - begins[i]!, 0);
  });
  const seen = g.op('Conv', [image, weights], {
    kernel_shape: count,
    strides: dilations,
    dilations: strides,
    group: all,
    pads: [...begins, ...needed],
  });
  const axes = Array.from({ length: rank }, (_, i) => i + 2);
  const exact = kernel.every((size, i) => seen.size(i + 2) === size);
  const cut = exact ? seen : g.op('Slice', [seen, g.ints(filled(rank, 0)), g.ints(kernel), g.ints(axes)]);
  const byImage = g.reshape(cut, [batch, channels, 1, ...kernel]);
  return g.op('ReduceSum', [byImage, g.ints([0])], { keepdims: 0 });
}
