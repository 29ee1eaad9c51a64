/** The gradient of a convolution for its weights, in the layout that the weights have. */
import { intsAttribute, type Value } from '../../onnx/index.js';
import type { Blocking, Rule } from './blocking.js';
import { groupOf, weightLayout, window2d } from './geometry.js';
import { conv, places, reorderInput, unitWindow, type Window2d } from './kernels.js';

interface WeightGradient {
  readonly b: Blocking;
  readonly dy: string;
  readonly x: string;
  readonly window: Window2d;
  readonly channels: number;
  readonly outputs: number;
  readonly batch: number;
  /** Sizes of x and of dy. */
  readonly spatial: readonly [number, number];
  readonly count: readonly [number, number];
}

export const convWeightGradient: Rule = (b, node) => {
  const [dy, x] = node.inputs as [string, string];
  const [sizes, found] = [b.store.sizes(x), b.store.blockable(dy)];
  const group = groupOf(node);
  if (sizes?.length !== 4 || found === undefined) return false;
  const [batch, outputs, ...count] = found;
  const [, channels, ...spatial] = sizes as [number, number, number, number];
  const layout = weightLayout(channels, outputs, group, b.block);
  const window = window2d(node, intsAttribute(node, 'kernel_shape', []), spatial);
  if (layout === undefined || window === undefined) return false;
  const one: WeightGradient = { b, dy, x, window, channels, outputs, batch, spatial, count };
  if (layout === 'depthwise') {
    b.store.set(node.outputs[0]!, layout, depthwise(one));
    return true;
  }
  // Steps of the kernel of more than one position leave gaps that the interleaved form has no place for.
  if (window.dilations.some((d) => d !== 1) || !reached(one)) return false;
  b.store.set(node.outputs[0]!, layout, layout === 'thin' ? thin(one) : interleaved(one));
  return true;
};

/** How far beyond x, on the far side, the windows reach; negative where they stop short. */
const ends = ({ window: { kernel, strides, pads }, spatial, count }: WeightGradient) =>
  ([0, 1] as const).map((i) => kernel[i] + strides[i] * (count[i] - 1) - spatial[i] - pads[i]) as [
    number,
    number,
  ];

const reached = (one: WeightGradient): boolean =>
  ([0, 1] as const).every((i) => places(one.spatial[i], one.window, i) === one.count[i]);

/** The batch in whole blocks: images of zeros add nothing. */
const wholeBatch = ({ batch, b: { block } }: WeightGradient): number => Math.ceil(batch / block) * block;

/**
 * x `[N, C/B, H, W, B]` with as much padding as the windows see, the batch filled up to `images`; what no window
 * sees is cut off.
 */
function seen(one: WeightGradient, x: Value, images: number, axis: number): Value {
  const { g } = one.b;
  const [top, left] = one.window.pads;
  const [bottom, right] = ends(one);
  const rank = x.shape!.length;
  const pads = new Array<number>(2 * rank).fill(0);
  const stop = [bottom, right].map((end, i) => x.size(axis + i) + Math.min(end, 0));
  pads[rank] = images - one.batch;
  pads[axis] = top;
  pads[axis + 1] = left;
  pads[rank + axis] = Math.max(bottom, 0);
  pads[rank + axis + 1] = Math.max(right, 0);
  const short = bottom < 0 || right < 0;
  const inside = short ? g.op('Slice', [x, g.ints([0, 0]), g.ints(stop), g.ints([axis, axis + 1])]) : x;
  return pads.some((p) => p > 0) ? g.op('Pad', [inside, g.ints(pads)]) : inside;
}

/**
 * dy as weights of nominal shape `[O, N, OH, OW]` in the layout dense: the images are the inputs of a convolution
 * over which the product is summed.
 */
function gradientAsWeights({ b, dy, outputs, count, batch }: WeightGradient, images: number): Value {
  const { g, block } = b;
  const area = count[0] * count[1];
  const value = b.store.in(dy, 'channels');
  const filled =
    images === batch ? value : g.op('Pad', [value, g.ints([0, 0, 0, 0, images - batch, 0, 0, 0])]);
  const split = g.reshape(filled, [images / block, block, outputs / block, area, block]);
  return g.reshape(g.op('Transpose', [split], { perm: [2, 0, 3, 1, 4] }), [outputs, images, ...count]);
}

/**
 * A convolution of x with dy as its weights, in which images are the channels that are summed over. The channels of
 * a block of x stand side by side as columns, so that a step of one position is a step of a block of columns: the
 * result is the gradient with the two outer axes exchanged, `[C/B, O/B, K, K, B of C, B of O]`.
 */
function interleaved(one: WeightGradient): Value {
  const { b, window, channels, outputs, count } = one;
  const { g, block } = b;
  const [kh, kw] = window.kernel;
  const [height, width] = [0, 1].map((i) => window.kernel[i]! + window.strides[i]! * (count[i]! - 1)) as [
    number,
    number,
  ];
  const images = wholeBatch(one);
  const x = seen(one, b.axes(b.store.in(one.x, 'channels')), images, 2);
  const flat = g.reshape(x, [images / block, block, 1, channels * height * width]);
  const inner = reorderInput(g, flat);
  const parts = g.reshape(inner, [images / block, channels / block, height * width * block * block]);
  const outer = g.op('Transpose', [parts], { perm: [1, 0, 2] });
  const image = g.reshape(outer, [channels / block, images, height, width * block]);
  const result = conv(g, image, gradientAsWeights(one, images), {
    ...unitWindow(...count),
    dilations: [window.strides[0], window.strides[1] * block],
  });
  const rows = g.reshape(result, [channels / block, outputs / block, kh * kw * block * block]);
  return g.reshape(g.op('Transpose', [rows], { perm: [1, 0, 2] }), [outputs, channels, kh, kw]);
}

/** The same for a picture of few channels, each of which is an image of its own. */
function thin(one: WeightGradient): Value {
  const { b, window, channels, outputs, count } = one;
  const { g, block } = b;
  const images = wholeBatch(one);
  const x = seen(one, b.store.plain(one.x), images, 2);
  const [height, width] = [x.size(2), x.size(3)];
  const split = g.reshape(x, [images / block, block, channels, height * width]);
  const turned = g.op('Transpose', [split], { perm: [2, 0, 3, 1] });
  const result = conv(
    g,
    g.reshape(turned, [channels, images, height, width]),
    gradientAsWeights(one, images),
    { ...unitWindow(...count), dilations: window.strides },
  );
  const area = window.kernel[0] * window.kernel[1];
  const rows = g.reshape(result, [channels, outputs / block, area * block]);
  const back = g.op('Transpose', [rows], { perm: [1, 0, 2] });
  return g.reshape(back, [outputs, channels, ...window.kernel]);
}

/** Each plane of each image is convolved with its plane of dy, stride and dilation exchanged; then the images are summed. */
function depthwise(one: WeightGradient): Value {
  const { b, window, channels, batch, count, spatial } = one;
  const { g, block } = b;
  const { kernel, strides, dilations, pads } = window;
  const all = batch * channels;
  const x = g.reshape(b.store.in(one.x, 'channels'), [1, all, ...spatial]);
  const w = g.reshape(b.store.in(one.dy, 'channels'), [all, 1, ...count]);
  // As far as the last window reaches, which may be more or less than the padding.
  const [bottom, right] = ([0, 1] as const).map((i) => {
    const reach = (count[i] - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
    return Math.max(reach - spatial[i] - pads[i], 0);
  }) as [number, number];
  const planes = conv(
    g,
    x,
    w,
    { kernel: count, strides: dilations, dilations: strides, pads: [pads[0], pads[1], bottom, right] },
    { group: all },
  );
  const [, , h, wide] = planes.shape as number[];
  const split = g.reshape(planes, [batch, channels / block, h!, wide!, block]);
  const exact = h === kernel[0] && wide === kernel[1];
  const cut = exact ? split : g.op('Slice', [split, g.ints([0, 0]), g.ints([...kernel]), g.ints([2, 3])]);
  return g.reshape(g.op('ReduceSum', [cut, g.ints([0])], { keepdims: 0 }), [channels, 1, ...kernel]);
}
