/** The gradient of a convolution for its weights. */
import { type GraphBuilder, intsAttribute, type Value } from '../../onnx/index.js';
import { filled, product } from '../sizes.js';
import { extent } from './arithmetic.js';
import type { Expand, Expansion } from './fragment.js';
import { taps, type Window, windowOf } from './window.js';

/** With fewer channels than this, products of matrices are too thin to be fast one tap at a time. */
const THIN_CHANNELS = 16;

/**
 * In one group: for each tap of the kernel the product of dy with what the tap sees of x, over the whole batch. In
 * several groups the same for all taps at once, group by group in one stack. Of single channels (depthwise) there
 * is nothing for a product to gain: each plane of x is convolved with its plane of dy.
 */
export const convWeightGradient: Expand = (e) => {
  const window = windowOf(e, intsAttribute(e.node, 'kernel_shape', []));
  const [channels] = e.sizes(1, 1) as [number];
  const [outputs] = e.sizes(0, 1) as [number];
  if (window.group === 1) return [dense(e, window)];
  const depthwise = window.group === channels && window.group === outputs;
  const batch = e.input(1).shape![0];
  return [depthwise && typeof batch === 'number' ? planes(e, window, batch) : grouped(e, window)];
};

/** `[N, C, ...]` as `[C, N, ...]`. */
function channelsFirst(g: GraphBuilder, x: Value): Value {
  const rest = Array.from({ length: x.shape!.length - 2 }, (_, i) => i + 2);
  return g.op('Transpose', [x], { perm: [1, 0, ...rest] });
}

function dense(e: Expansion, window: Window): Value {
  const { g } = e;
  const [dy, x] = [e.input(0), e.input(1)];
  const [outputs, ...count] = e.sizes(0, 1) as [number, ...number[]];
  const [channels] = e.sizes(1, 1) as [number];
  const rows = g.reshape(channelsFirst(g, dy), [outputs, -1]);
  // [outputs, rows of what is seen]
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

function grouped(e: Expansion, window: Window): Value {
  const { g } = e;
  const [dy, x] = [e.input(0), e.input(1)];
  const [outputs, ...count] = e.sizes(0, 1) as [number, ...number[]];
  const [channels] = e.sizes(1, 1) as [number, ...number[]];
  const { group, kernel } = window;
  const [m, c] = [outputs / group, channels / group];
  // [group, c, N, positions] by tap, joined to [group, taps, c, N·positions]
  const parts = taps(g, channelsFirst(g, x), window, count, 0).map((tap) =>
    g.reshape(tap, [group, 1, c, -1]),
  );
  const seen = parts.length === 1 ? parts[0]! : g.op('Concat', parts, { axis: 1 });
  const columns = g.reshape(seen, [group, parts.length * c, -1]);
  // dy as [group, N·positions, m]
  const split = g.reshape(dy, [-1, group, m, product(count)]);
  const rows = g.reshape(g.op('Transpose', [split], { perm: [1, 0, 3, 2] }), [group, -1, m]);
  const all = g.reshape(g.op('MatMul', [columns, rows]), [group, parts.length, c, m]);
  return g.reshape(g.op('Transpose', [all], { perm: [0, 3, 2, 1] }), [outputs, c, ...kernel]);
}

/**
 * Each plane of each image is a group of its own: x `[1, N·C, ...]` convolved with dy `[N·C, 1, ...]` as its
 * weights, stride and dilation exchanged.
 */
function planes(e: Expansion, { kernel, strides, dilations, begins }: Window, batch: number): Value {
  const { g } = e;
  const rank = kernel.length;
  const [channels, ...spatial] = e.sizes(1, 1) as [number, ...number[]];
  const count = e.sizes(0);
  const all = batch * channels;
  const image = g.reshape(e.input(1), [1, all, ...spatial]);
  const weights = g.reshape(e.input(0), [all, 1, ...count]);
  // As far as the last window reaches, which may be more or less than the padding.
  const needed = spatial.map((size, i) => {
    const reach = (count[i]! - 1) * strides[i]! + extent(kernel[i]!, dilations[i]!);
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
  const exact = (seen.shape!.slice(2) as number[]).every((size, i) => size === kernel[i]);
  const cut = exact ? seen : g.op('Slice', [seen, g.ints(filled(rank, 0)), g.ints(kernel), g.ints(axes)]);
  const byImage = g.reshape(cut, [batch, channels, 1, ...kernel]);
  return g.op('ReduceSum', [byImage, g.ints([0])], { keepdims: 0 });
}
