/** Poolings over windows and over all positions. */
import {
  convInputGradient,
  elementCount,
  maxPoolGradient,
  type SlidingWindow,
  tensor,
  type Value,
  windowExtent,
} from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { expandLike, sumOver } from '../shaping.js';
import { windowOf } from '../window.js';

const kernelOf = (c: GradientContext): readonly number[] => c.ints('kernel_shape', []);

const maxPool: GradientRule = (c) => {
  const kernel = kernelOf(c);
  return [maxPoolGradient(c.g, c.dy, c.input(0), c.output(), { ...windowOf(c, kernel), kernel })];
};

/**
 * How many elements the average of each output position along one axis is taken over: those inside the input, or inside
 * the padded input. A window of ceil_mode never counts elements beyond the padding.
 */
function windowCounts(
  input: number,
  count: number,
  kernel: number,
  w: SlidingWindow,
  axis: number,
  padded: boolean,
): number[] {
  const rank = w.strides.length;
  const [begin, end] = [w.pads[axis]!, w.pads[axis + rank]!];
  const [low, high] = padded ? [-begin, input + end] : [0, input];
  return Array.from({ length: count }, (_, i) => {
    const start = i * w.strides[axis]! - begin;
    let hits = 0;
    for (let k = 0; k < kernel; k++) {
      const at = start + k * w.dilations[axis]!;
      if (at >= low && at < high) hits++;
    }
    return hits;
  });
}

/**
 * Each element of a window receives its share: the input gradient of a depthwise convolution with a kernel of ones, or
 * of shares if all windows are equal.
 */
const averagePool: GradientRule = (c) => {
  const { g, dy } = c;
  const kernel = kernelOf(c);
  const window = windowOf(c, kernel);
  const spatial = c.sizes(0, 2);
  const [channels, ...counted] = c.outputSizes(1);
  const padded = c.int('count_include_pad', 0) === 1;
  const perAxis = counted.map((n, i) => windowCounts(spatial[i]!, n, kernel[i]!, window, i, padded));
  const counts = perAxis.reduce<number[]>((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
  const shares = counts.map((n) => 1 / n);
  const alike = shares.every((share) => share === shares[0]);
  const flowing = alike ? dy : g.op('Mul', [dy, g.constant(tensor('', dy.dtype, counted, shares))]);
  const dims = [channels!, 1, ...kernel];
  const weights = new Array<number>(elementCount(dims)).fill(alike ? shares[0]! : 1);
  const dx = convInputGradient(g, flowing, g.constant(tensor('', dy.dtype, dims, weights)), {
    ...coverable(window, kernel, spatial, counted),
    group: channels!,
    spatial,
  });
  return [dx];
};

/** With ceil_mode the last window extends beyond the padding: as a convolution it needs that much more padding. */
function coverable(
  w: SlidingWindow,
  kernel: readonly number[],
  spatial: readonly number[],
  sizes: readonly number[],
): SlidingWindow {
  const rank = kernel.length;
  const ends = sizes.map((n, i) => {
    const reach = (n - 1) * w.strides[i]! + windowExtent(kernel[i]!, w.dilations[i]!);
    return Math.max(w.pads[i + rank]!, reach - spatial[i]! - w.pads[i]!);
  });
  return { ...w, pads: [...w.pads.slice(0, rank), ...ends] };
}

const positions = (c: GradientContext): number[] => Array.from({ length: c.rank(0) - 2 }, (_, i) => i + 2);

const globalAveragePool: GradientRule = (c) => {
  const x = c.input(0);
  return [expandLike(c.g, c.g.op('Div', [c.dy, c.g.count(x, positions(c))]), x)];
};

/** Elements that tie share the gradient evenly. */
const globalMaxPool: GradientRule = (c) => {
  const { g } = c;
  const x = c.input(0);
  const mask: Value = g.op('Cast', [g.op('Equal', [x, c.output()])], { to: x.dtype });
  return [g.op('Mul', [mask, g.op('Div', [c.dy, sumOver(g, mask, positions(c), true)])])];
};

export const pooling: GradientRules = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
};
