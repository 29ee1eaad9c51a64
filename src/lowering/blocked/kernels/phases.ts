/**
 * The gradient of a strided convolution for its input, phase by phase: the positions of x fall into phases by their
 * remainders by the stride, each a small convolution of dy, which are interleaved at the end.
 */
import type { Value } from '../../../onnx/index.js';
import { type KernelBuilder, sizesOf } from '../layout/builder.js';
import type { Pair, Window2d } from './window.js';

/** How the positions of x with one remainder modulo the stride are computed along an axis. */
export interface Phase {
  /** Taps of the kernel in the order in which they meet dy; none if the stride skips the position. */
  readonly taps: readonly number[];
  /** Padding of dy. */
  readonly begin: number;
  readonly end: number;
}

/**
 * With x at i = S·q + r, y at o and tap k, i + P = S·o + k: the taps of a remainder r are those with
 * k ≡ r + P (mod S), and k = ρ + S·j meets o = q + ⌊(r + P)/S⌋ − j.
 * @param size of x along the axis
 * @param count of dy
 */
export function phasesOf(size: number, count: number, w: Window2d, axis: 0 | 1): readonly Phase[] {
  const [stride, kernel, pad] = [w.strides[axis], w.kernel[axis], w.pads[axis]];
  const positions = Math.ceil(size / stride);
  return Array.from({ length: stride }, (_, remainder) => {
    const first = (remainder + pad) % stride;
    const ahead = Math.floor((remainder + pad) / stride);
    const taps: number[] = [];
    for (let k = first; k < kernel; k += stride) taps.unshift(k);
    return { taps, begin: taps.length - 1 - ahead, end: positions + ahead - count };
  });
}

/** `[N, C, H', W']` upsampled with zeros to a map of this height and width. */
export function spread(b: KernelBuilder, corner: Value, [down, across]: Pair, spatial: Pair): Value {
  const { g, block } = b;
  const [n, c, h, w] = sizesOf(corner);
  const apart = g.reshape(corner, [n, c / block, h, 1, w, 1, block]);
  const ends = [0, 0, 0, down - 1, 0, across - 1, 0];
  const padded = g.op('Pad', [apart, g.ints([0, 0, 0, 0, 0, 0, 0, ...ends])]);
  return cut(b, g.reshape(padded, [n, c / block, h * down, w * across, block]), spatial, c);
}

/** Interleaves phases by row and column, each `[N, C, H/S, W/S]`, undefined for zeros. */
export function interleave(
  b: KernelBuilder,
  phases: readonly (readonly (Value | undefined)[])[],
  spatial: Pair,
): Value {
  const { g, block } = b;
  const [n, c, h, w] = sizesOf(phases[0]![0]!);
  const shape = [n, c / block, h, 1, w, 1, block];
  let zeros: Value | undefined;
  const nothing = () => {
    zeros ??= g.op('Expand', [g.scalar(0), g.ints(shape)]);
    return zeros;
  };
  const rows = phases.map((row) =>
    g.op(
      'Concat',
      row.map((phase) => (phase ? g.reshape(phase, shape) : nothing())),
      { axis: 5 },
    ),
  );
  const together = g.op('Concat', rows, { axis: 3 });
  const [down, across] = [phases.length, phases[0]!.length];
  return cut(b, g.reshape(together, [n, c / block, h * down, w * across, block]), spatial, c);
}

/** `[N, C/B, H', W', B]` as `[N, C, H, W]`, cropped to the input's size. */
function cut({ g }: KernelBuilder, x: Value, [height, width]: Pair, channels: number): Value {
  const exact = x.size(2) === height && x.size(3) === width;
  const inside = exact ? x : g.op('Slice', [x, g.ints([0, 0]), g.ints([height, width]), g.ints([2, 3])]);
  return g.reshape(inside, [x.size(0), channels, height, width]);
}
