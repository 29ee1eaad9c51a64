/** The gradient of a convolution for its weights, in the layout that the weights have. */
import { intsAttribute, tensor, type Value } from '../../../onnx/index.js';
import type { Blocking, Rule } from '../blocking.js';
import { type Division, divisionOf, LARGE_MAP } from '../kernels/division.js';
import { groupOf, weightLayout, window2d } from '../kernels/geometry.js';
import {
  conv,
  maxPool,
  places,
  reorderInput,
  reorderOutput,
  unitWindow,
  type Window2d,
} from '../kernels/operators.js';
import { padded } from '../kernels/padding.js';
import { product } from '../kernels/sizes.js';
import { scaledOutputs } from './factored.js';

interface WeightGradient {
  readonly b: Blocking;
  /** The name by which the store has it. */
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
  const factored = b.factored.get(dy);
  const source = factored?.name ?? dy;
  const one: WeightGradient = { b, dy: source, x, window, channels, outputs, batch, spatial, count };
  const give = (gradient: Value) => {
    b.store.set(node.outputs[0]!, layout, factored ? scaledOutputs(b, gradient, factored.factor) : gradient);
    return true;
  };
  if (layout === 'depthwise') return give(depthwise(one));
  // Steps of the kernel of more than one position leave gaps that the interleaved form has no place for.
  if (window.dilations.some((d) => d !== 1) || !reached(one)) return false;
  const single = [...window.kernel, ...window.pads].join() === '1,1,0,0,0,0';
  const form = layout === 'thin' ? thin : single ? pointwise : interleaved;
  return give(form(one));
};

/** How far beyond x, on the far side, the windows reach; negative where they stop short. */
const ends = ({ window: { kernel, strides, pads }, spatial, count }: WeightGradient) =>
  ([0, 1] as const).map((i) => kernel[i] + strides[i] * (count[i] - 1) - spatial[i] - pads[i]) as [
    number,
    number,
  ];

const reached = (one: WeightGradient): boolean =>
  ([0, 1] as const).every((i) => places(one.spatial[i], one.window, i) === one.count[i]);

const division = ({ b, batch, count }: WeightGradient): Division =>
  divisionOf(batch, count[0], count[1], b.block);

/** The zeros around x, or how much of it is cut off, so that every part has the rows that its windows see. */
function margins(one: WeightGradient, { parts, rows }: Division): Window2d['pads'] {
  const { kernel, strides, pads } = one.window;
  const height = kernel[0] + strides[0] * (parts * rows - 1);
  return [pads[0], pads[1], height - pads[0] - one.spatial[0], ends(one)[1]];
}

/**
 * What windows see of each part of each image, as the input of a convolution that sums over parts of images: nominal
 * shape `[P, images·parts, height, width]`, blocked, of x within its margins as `[images, P, H, width]`. Rows that the
 * windows of two parts see stand in both.
 */
function seenParts(one: WeightGradient, x: Value, { parts, rows, images }: Division): Value {
  const { g, block } = one.b;
  const { kernel, strides } = one.window;
  const [, planes, whole, ...columns] = x.shape as [number, number, number, ...number[]];
  const height = kernel[0] + strides[0] * (rows - 1);
  const width = product(columns);
  const picked: number[] = [];
  for (let plane = 0; plane < planes; plane++) {
    for (let image = 0; image < images; image++) {
      for (let part = 0; part < parts; part++) {
        const start = (image * planes + plane) * whole + part * strides[0] * rows;
        for (let row = 0; row < height; row++) picked.push(start + row);
      }
    }
  }
  const lines = g.op('Gather', [g.reshape(x, [images * planes * whole, width]), g.ints(picked)]);
  const flat = g.reshape(lines, [(planes * images * parts) / block, block, 1, height * width]);
  return g.reshape(reorderInput(g, flat), [planes, images * parts, height, width]);
}

/**
 * dy as weights of nominal shape `[O, images·parts, rows, OW]` in the layout dense: parts of images are the inputs of
 * a convolution over which the product is summed. ONNX Runtime transposes more than one axis on one thread, but gathers
 * vectors on all.
 */
function gradientAsWeights(one: WeightGradient, { parts, rows, images }: Division): Value {
  const { b, dy, outputs, count, batch } = one;
  const { g, block } = b;
  const missing = parts * rows - count[0];
  const filled = padded(b, b.store.in(dy, 'channels'), [0, 0, missing, 0], images - batch);
  const [inner, planes, area] = [block / parts, outputs / block, rows * count[1]];
  const picked: number[] = [];
  for (let plane = 0; plane < planes; plane++) {
    for (let first = 0; first < images; first += inner) {
      for (let position = 0; position < area; position++) {
        for (let image = first; image < first + inner; image++) {
          const start = (image * planes + plane) * parts * area + position;
          for (let part = 0; part < parts; part++) picked.push(start + part * area);
        }
      }
    }
  }
  const vectors = g.reshape(filled, [images * planes * parts * area, block]);
  const turned = g.op('Gather', [vectors, g.constant(tensor('', 'int32', [picked.length], picked))]);
  return g.reshape(turned, [outputs, images * parts, rows, count[1]]);
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
  const divided = division(one);
  const x = padded(b, b.store.in(one.x, 'channels'), margins(one, divided), divided.images - one.batch);
  const image = seenParts(one, x, divided);
  const result = conv(g, image, gradientAsWeights(one, divided), {
    ...unitWindow(divided.rows, count[1]),
    dilations: [window.strides[0], window.strides[1] * block],
  });
  const rows = g.reshape(result, [channels / block, outputs / block, kh * kw * block * block]);
  return g.reshape(g.op('Transpose', [rows], { perm: [1, 0, 2] }), [outputs, channels, kh, kw]);
}

/** The same for a picture of few channels, each of which is an image of its own. */
function thin(one: WeightGradient): Value {
  const { b, window, channels, outputs, count } = one;
  const { g, block } = b;
  const divided = division(one);
  const [top, left, bottom, right] = margins(one, divided);
  const amounts = [0, 0, top, left, divided.images - one.batch, 0, bottom, right];
  const x = g.op('Pad', [b.store.plain(one.x), g.ints(amounts)]);
  const image = seenParts(one, x, divided);
  const result = conv(g, image, gradientAsWeights(one, divided), {
    ...unitWindow(divided.rows, count[1]),
    dilations: window.strides,
  });
  const area = window.kernel[0] * window.kernel[1];
  const rows = g.reshape(result, [channels, outputs / block, area * block]);
  const back = g.op('Transpose', [rows], { perm: [1, 0, 2] });
  return g.reshape(back, [outputs, channels, ...window.kernel]);
}

/**
 * 1×1: products of matrices over the positions, of one operand in ONNX's order, `[channels, positions]`, and the other
 * as it is, block by block `[positions, B]`. Image by image the operand of fewer channels is reordered, and the
 * images are summed; over the whole batch it is x, and the result is the gradient in its layout.
 */
function pointwise(one: WeightGradient): Value {
  const { b, window, channels, outputs, batch, count } = one;
  const { g, block } = b;
  const area = count[0] * count[1];
  const given = b.store.in(one.x, 'channels');
  const strided = window.strides.some((s) => s > 1);
  // The largest of one element: picks the positions that the strides meet.
  const x = strided ? maxPool(g, given, window) : given;
  const dy = b.store.in(one.dy, 'channels');
  const byBlocks = (value: Value, count: number) => g.reshape(value, [batch, count / block, area, block]);
  const dims = [outputs, channels, 1, 1];
  if (area < LARGE_MAP) {
    const plain = strided ? reorderOutput(g, x) : b.store.plain(one.x);
    const rows = g.op('Transpose', [g.reshape(plain, [batch, channels, area])], { perm: [1, 0, 2] });
    const blocks = g.reshape(dy, [batch, outputs / block, area * block]);
    const columns = g.op('Transpose', [blocks], { perm: [1, 0, 2] });
    const product = g.op('MatMul', [
      g.reshape(rows, [1, channels, batch * area]),
      g.reshape(columns, [outputs / block, batch * area, block]),
    ]);
    return g.reshape(product, dims);
  }
  const summed = (rows: Value, blocks: Value) =>
    g.op('ReduceSum', [g.op('MatMul', [rows, blocks]), g.ints([0])], { keepdims: 0 });
  if (channels <= outputs) {
    const plain = strided ? reorderOutput(g, x) : b.store.plain(one.x);
    return g.reshape(summed(g.reshape(plain, [batch, 1, channels, area]), byBlocks(dy, outputs)), dims);
  }
  const plain = g.reshape(b.store.plain(one.dy), [batch, 1, outputs, area]);
  // [C/B, O, B of C], of which each block is transposed, then the outer axes are exchanged: both on all threads.
  const planes = [channels / block, outputs / block] as const;
  const blocks = g.reshape(summed(plain, byBlocks(x, channels)), [planes[0] * planes[1], block, 1, block]);
  const rows = g.reshape(reorderInput(g, blocks), [...planes, block * block]);
  return g.reshape(g.op('Transpose', [rows], { perm: [1, 0, 2] }), dims);
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
