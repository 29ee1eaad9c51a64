/**
 * The gradient of a convolution for its weights as a convolution of x with dy as its weights, in which images, or parts
 * of them, are the summed channels.
 */
import { type GraphBuilder, tensor, type Value } from '../../../../onnx/index.js';
import type { KernelBuilder } from '../../layout/builder.js';
import { reorderInput } from '../../layout/reorder.js';
import { conv } from '../operators.js';
import { padded } from '../padding.js';
import { type Sides, unitWindow } from '../window.js';
import { type Division, divisionOf } from './division.js';
import type { WeightGradientKernel, WeightGradientProblem } from './problem.js';

/**
 * The channels of a block of x are laid out as columns, so that one position is a block of columns: the result is the
 * gradient with the two outer axes exchanged, `[C/B, O/B, K, K, B of C, B of O]`.
 */
export const interleaved: WeightGradientKernel = (b, problem) => {
  const { window, channels, outputs, batch, count } = problem;
  const { g, block } = b;
  const [kh, kw] = window.kernel;
  const division = divisionOf(batch, ...count, block);
  const x = padded(b, problem.x.in('channels'), margins(problem, division), division.images - batch);
  const width = x.size(3) * block;
  const image = seenParts(b, problem, x, channels / block, width, division);
  const result = conv(g, image, gradientAsWeights(b, problem, division), {
    ...unitWindow(division.rows, count[1]),
    dilations: [window.strides[0], window.strides[1] * block],
  });
  const rows = g.reshape(result, [channels / block, outputs / block, kh * kw * block * block]);
  return g.reshape(exchanged(g, rows), [outputs, channels, kh, kw]);
};

/** The same for pictures of few channels, each treated as a separate image. */
export const thin: WeightGradientKernel = (b, problem) => {
  const { window, channels, outputs, batch, count } = problem;
  const { g, block } = b;
  const division = divisionOf(batch, ...count, block);
  const [top, left, bottom, right] = margins(problem, division);
  const amounts = [0, 0, top, left, division.images - batch, 0, bottom, right];
  const x = g.op('Pad', [problem.x.in('plain'), g.ints(amounts)]);
  const image = seenParts(b, problem, x, channels, x.size(3), division);
  const result = conv(g, image, gradientAsWeights(b, problem, division), {
    ...unitWindow(division.rows, count[1]),
    dilations: window.strides,
  });
  const area = window.kernel[0] * window.kernel[1];
  const rows = g.reshape(result, [channels, outputs / block, area * block]);
  return g.reshape(exchanged(g, rows), [outputs, channels, ...window.kernel]);
};

const exchanged = (g: GraphBuilder, rows: Value): Value => g.op('Transpose', [rows], { perm: [1, 0, 2] });

/** The padding of x (negative to crop), so that every part has the rows of its windows. */
function margins({ window, spatial, count }: WeightGradientProblem, { parts, rows }: Division): Sides {
  const { kernel, strides, pads } = window;
  const height = kernel[0] + strides[0] * (parts * rows - 1);
  const width = kernel[1] + strides[1] * (count[1] - 1);
  return [pads[0], pads[1], height - spatial[0] - pads[0], width - spatial[1] - pads[1]];
}

/**
 * The elements in the windows of each part of each image, as the input of a convolution that sums over parts: nominal
 * shape `[P, images·parts, height, width]`, blocked, of x within its margins, P planes of columns per image. Rows in
 * the windows of two parts appear in both.
 */
function seenParts(
  { g, block }: KernelBuilder,
  { window: { kernel, strides } }: WeightGradientProblem,
  x: Value,
  planes: number,
  width: number,
  { parts, rows, images }: Division,
): Value {
  const whole = x.size(2);
  const height = kernel[0] + strides[0] * (rows - 1);
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
function gradientAsWeights(
  b: KernelBuilder,
  { dy, outputs, count, batch }: WeightGradientProblem,
  { parts, rows, images }: Division,
): Value {
  const { g, block } = b;
  const missing = parts * rows - count[0];
  const filled = padded(b, dy.in('channels'), [0, 0, missing, 0], images - batch);
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
