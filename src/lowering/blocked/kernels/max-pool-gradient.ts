/** The gradient of max pooling, all values in the layout `channels`. */
import { tensor, type Value } from '../../../onnx/index.js';
import { type KernelBuilder, type MapSizes, type Operand, sizesOf } from '../layout/builder.js';
import { conv, maxPool } from './operators.js';
import { type Sides, unitWindow, type Window2d } from './window.js';

/** A window along height (axis 0) or width (axis 1) of an input of this size. */
interface AxisWindow {
  readonly axis: 0 | 1;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly size: number;
}

/** Steep enough that any non-tiny difference saturates. */
const STEEP = 1e30;
/** Below all values in a network, and far enough from −∞ for subtraction. */
const LOWEST = -1e38;

/** Whether `maxPoolGradient` supports the window: one without dilation or gaps between windows. */
export const hasMaxPoolGradient = ({ kernel, strides, dilations }: Window2d): boolean =>
  dilations.every((d) => d === 1) && strides.every((s, axis) => s <= kernel[axis]!);

/**
 * Height and width one after the other: the largest of a window is the largest of its rows' largest, and the first
 * such element stands in the first such row.
 */
export function maxPoolGradient(
  b: KernelBuilder,
  dy: Operand,
  x: Operand,
  y: Operand,
  { kernel, strides, pads }: Window2d,
): Value {
  const input = x.in('channels');
  const [, , height, width] = sizesOf(input);
  const rows = maxPool(b.g, input, {
    ...unitWindow(1, kernel[1]),
    strides: [1, strides[1]],
    pads: [0, pads[1], 0, pads[3]],
  });
  const down = { axis: 0, kernel: kernel[0], stride: strides[0], pad: pads[0], size: height } as const;
  const across = { axis: 1, kernel: kernel[1], stride: strides[1], pad: pads[1], size: width } as const;
  const between = axisGradient(b, dy.in('channels'), rows, y.in('channels'), down);
  return axisGradient(b, between, input, rows, across);
}

/**
 * Along one axis. Tap by tap, the first element that equals the maximum takes the remaining gradient of the window; the
 * last tap takes the rest. Then the shares of each position are summed.
 * @param dy of the shape of y
 * @param y the largest element of each window of x along the axis
 */
function axisGradient(b: KernelBuilder, dy: Value, x: Value, y: Value, w: AxisWindow): Value {
  const { g } = b;
  let left = dy;
  const shares: Value[] = [];
  for (let tap = 0; tap < w.kernel - 1; tap++) {
    const share = g.op('Mul', [left, isLargest(b, x, y, tap, w)]);
    left = g.op('Sub', [left, share]);
    shares.push(share);
  }
  shares.push(left);
  return collected(b, shares, sizesOf(x), w);
}

/** A pair of a value for this axis and one for the other. */
const along = <T>(axis: 0 | 1, value: T, other: T): [T, T] => (axis === 0 ? [value, other] : [other, value]);

const sidesAlong = (axis: 0 | 1, begin: number, end: number): Sides => [
  ...along(axis, begin, 0),
  ...along(axis, end, 0),
];

/**
 * 1 where the tap's element equals y, 0 elsewhere: x at the tap minus y, from a convolution whose kernel selects the
 * tap, with a step function as its activation. Padding never equals y.
 */
function isLargest(b: KernelBuilder, x: Value, y: Value, tap: number, w: AxisWindow): Value {
  const { g, block } = b;
  const [n, c, height, width] = sizesOf(y);
  const count = w.axis === 0 ? height : width;
  const border = Array.from({ length: count }, (_, o) => {
    const at = o * w.stride - w.pad + tap;
    return at >= 0 && at < w.size ? 0 : LOWEST;
  });
  const inside = border.every((v) => v === 0);
  const bias = g.constant(tensor('', 'float32', [1, ...along(w.axis, count, 1), 1], border));
  const split = g.reshape(y, [(n * c) / block, height, width, block]);
  const negated = inside ? g.op('Neg', [split]) : g.op('Sub', [bias, split]);
  // The whole kernel, so that it has as many positions as the pooling.
  const reach = (count - 1) * w.stride + w.kernel - w.pad;
  const window = {
    ...unitWindow(...along(w.axis, w.kernel, 1)),
    strides: along(w.axis, w.stride, 1),
    pads: sidesAlong(w.axis, w.pad, Math.max(reach - w.size, 0)),
  };
  return conv(g, x, tapWeights(b, c, w.axis, w.kernel, tap), window, {
    sum: g.reshape(negated, [n, c, height, width]),
    activation: { op: 'HardSigmoid', params: [STEEP, 1] },
    group: c,
  });
}

/** Depthwise weights along an axis that select one tap. */
function tapWeights(
  { g, block }: KernelBuilder,
  channels: number,
  axis: 0 | 1,
  kernel: number,
  tap: number,
): Value {
  const pick = new Float32Array(channels * kernel);
  for (let i = 0; i < pick.length; i++) pick[i] = Math.floor(i / block) % kernel === tap ? 1 : 0;
  return g.constant(tensor('', 'float32', [channels, 1, ...along(axis, kernel, 1)], pick));
}

/**
 * The sum of the shares of each position of x. A position i = S·q + r gets the share of tap k, where
 * i = S·o − P + k, from the window o = q + (r + P − k)/S.
 */
function collected(b: KernelBuilder, shares: readonly Value[], sizes: MapSizes, w: AxisWindow): Value {
  const { g, block } = b;
  const [n, c] = sizes;
  const [, , height, width] = sizesOf(shares[0]!);
  const positions = Math.ceil(w.size / w.stride);
  const planes = (n * c) / block;
  const other = w.axis === 0 ? width : height;
  // Rows are moved as a whole, columns by blocks of channels.
  const [outer, inner] = w.axis === 0 ? [planes, other * block] : [planes * other, block];
  const phases = Array.from({ length: w.stride }, (_, remainder) => {
    const met = shares.flatMap((share, tap) => {
      const offset = (remainder + w.pad - tap) / w.stride;
      return Number.isInteger(offset) ? [{ share, offset }] : [];
    });
    // Shares already in place come first, so that the others are added in the same pass.
    met.sort((a, b) => Math.abs(a.offset) - Math.abs(b.offset));
    let sum: Value | undefined;
    for (const { share, offset } of met) sum = shifted(b, share, offset, positions, w.axis, sum);
    return g.reshape(sum!, [outer, positions, 1, inner]);
  });
  const together = phases.length === 1 ? phases[0]! : g.op('Concat', phases, { axis: 2 });
  const rows = g.reshape(together, [outer, positions * w.stride, inner]);
  const exact = positions * w.stride === w.size;
  const cut = exact ? rows : g.op('Slice', [rows, g.ints([0]), g.ints([w.size]), g.ints([1])]);
  return g.reshape(cut, sizes);
}

/** x at `position + offset`, zero outside, for `count` positions along an axis, plus a sum. */
function shifted(
  b: KernelBuilder,
  x: Value,
  offset: number,
  positions: number,
  axis: 0 | 1,
  sum: Value | undefined,
): Value {
  const { g } = b;
  const [, c, height, width] = sizesOf(x);
  const count = axis === 0 ? height : width;
  if (offset === 0 && positions === count) return sum ? g.op('Add', [sum, x]) : x;
  const tap = Math.max(offset, 0);
  const begin = Math.max(-offset, 0);
  const end = positions - count - begin + tap;
  const kernel = tap + 1 + Math.max(-end, 0);
  const window = {
    ...unitWindow(...along(axis, kernel, 1)),
    pads: sidesAlong(axis, begin, Math.max(end, 0)),
  };
  return conv(g, x, tapWeights(b, c, axis, kernel, tap), window, { sum, group: c });
}
