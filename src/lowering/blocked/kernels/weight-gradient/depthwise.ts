/** The gradient of a depthwise convolution for its weights. */
import { sizesOf } from '../../layout/builder.js';
import { conv } from '../operators.js';
import { paddingBehind } from '../window.js';
import type { WeightGradientKernel } from './problem.js';

/** Each plane of each image is convolved with its plane of dy, stride and dilation exchanged; then the images are summed. */
export const depthwise: WeightGradientKernel = (b, problem) => {
  const { window, channels, batch, count, spatial } = problem;
  const { g, block } = b;
  const { kernel, strides, dilations, pads } = window;
  const all = batch * channels;
  const x = g.reshape(problem.x.in('channels'), [1, all, ...spatial]);
  const w = g.reshape(problem.dy.in('channels'), [all, 1, ...count]);
  const planes = conv(
    g,
    x,
    w,
    {
      kernel: count,
      strides: dilations,
      dilations: strides,
      pads: [pads[0], pads[1], ...paddingBehind(window, spatial, count)],
    },
    { group: all },
  );
  const [, , height, width] = sizesOf(planes);
  const split = g.reshape(planes, [batch, channels / block, height, width, block]);
  const exact = height === kernel[0] && width === kernel[1];
  const cut = exact ? split : g.op('Slice', [split, g.ints([0, 0]), g.ints(kernel), g.ints([2, 3])]);
  return g.reshape(g.op('ReduceSum', [cut, g.ints([0])], { keepdims: 0 }), [channels, 1, ...kernel]);
};
