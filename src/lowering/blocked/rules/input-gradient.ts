/** The gradient of a convolution for its input, as convolutions of dy with the weights turned around. */
import { intsAttribute, type Value } from '../../../onnx/index.js';
import type { Blocking, Rule } from '../blocking.js';
import { groupOf, weightLayout, window2d } from '../kernels/geometry.js';
import { isNarrow, narrowConv } from '../kernels/narrow.js';
import { conv, rectified, reorderInput, sizesOf, unitWindow, type Window2d } from '../kernels/operators.js';
import type { Layout } from '../layout/layouts.js';
import type { Deferred, Epilogue } from '../store.js';
import { scaledOutputs } from './factored.js';

export const convInputGradient: Rule = (b, node) => {
  const [dy, w] = node.inputs as [string, string];
  const spatial = intsAttribute(node, 'spatial', []);
  const weights = b.store.sizes(w);
  const found = b.store.blockable(dy);
  if (found === undefined || weights === undefined) return false;
  const group = groupOf(node);
  const channels = weights[1]! * group;
  const layout = weightLayout(channels, weights[0]!, group, b.block);
  const window = window2d(node, weights.slice(2), spatial);
  if (layout === undefined || layout === 'thin' || window === undefined) return false;
  const factored = b.factored.get(dy);
  const source = factored?.name ?? dy;
  const factor = factored?.factor;
  const one: InputGradient = { b, dy: source, w, factor, layout, window, group, channels, spatial };
  const deferred = window.strides.every((s) => s === 1) ? whole(one) : byPhases(one, found.slice(2));
  if (deferred === undefined) return false;
  b.store.defer(node.outputs[0]!, deferred);
  return true;
};

interface InputGradient {
  readonly b: Blocking;
  /** The name by which the store has it: up to a factor on its channels, `[O, 1, 1, 1]`, where there is one. */
  readonly dy: string;
  readonly factor: Value | undefined;
  readonly w: string;
  readonly layout: Layout;
  readonly window: Window2d;
  readonly group: number;
  readonly channels: number;
  readonly spatial: readonly number[];
}

/** Stride 1: one convolution of dy with all taps in reverse. */
function whole(one: InputGradient): Deferred | undefined {
  const { b, window, group } = one;
  const { kernel, dilations, pads } = window;
  const turnedPads = pads.map((p, i) => (kernel[i % 2]! - 1) * dilations[i % 2]! - p);
  if (turnedPads.some((p) => p < 0)) return undefined;
  const count = kernel[0] * kernel[1];
  const reversed = Array.from({ length: count }, (_, i) => count - 1 - i);
  return {
    finish: (epilogue) => {
      const taps = turnedTaps(one, reversed, kernel);
      const full = { kernel, dilations, strides: [1, 1], pads: turnedPads } as unknown as Window2d;
      const dy = b.store.in(one.dy, 'channels');
      return one.layout === 'dense' && isNarrow(sizesOf(dy), full)
        ? narrowConv(b, dy, taps, full, epilogue)
        : conv(b.g, dy, taps, full, { ...epilogue, group });
    },
  };
}

/** How the positions of x of one remainder by the stride come about along an axis. */
interface Phase {
  /** Taps of the kernel in the order in which they meet dy; none where the stride steps over the position. */
  readonly taps: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/**
 * With x at i = S·q + r, y at o and tap k, i + P = S·o + k: the taps of a remainder r are those with
 * k ≡ r + P (mod S), and k = ρ + S·j meets o = q + ⌊(r + P)/S⌋ − j.
 */
export function phasesOf(size: number, count: number, w: Window2d, axis: 0 | 1): Phase[] {
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

/**
 * Larger strides: the positions of x fall into phases by their remainders, each a small convolution of dy, which
 * are interleaved at the end. A value that is zero but for phase 0, as the gradient of a strided shortcut is, takes
 * part as the sum of that phase.
 */
function byPhases(one: InputGradient, [oh, ow]: readonly number[]): Deferred | undefined {
  const { b, window, group, channels, spatial, dy } = one;
  if (window.dilations.some((d) => d !== 1)) return undefined;
  const rows = phasesOf(spatial[0]!, oh!, window, 0);
  const columns = phasesOf(spatial[1]!, ow!, window, 1);
  const used = [...rows, ...columns].filter((phase) => phase.taps.length > 0);
  if (rows[0]!.taps.length === 0 || columns[0]!.taps.length === 0) return undefined;
  if (used.some((phase) => phase.begin < 0 || phase.end < 0)) return undefined;

  const part = (row: Phase, column: Phase, epilogue: Epilogue): Value => {
    const kernel = [row.taps.length, column.taps.length] as const;
    const taps = turnedTaps(
      one,
      row.taps.flatMap((i) => column.taps.map((j) => i * window.kernel[1] + j)),
      kernel,
    );
    const pads = [row.begin, column.begin, row.end, column.end] as const;
    const small = { ...unitWindow(...kernel), pads };
    return conv(b.g, b.store.in(dy, 'channels'), taps, small, { ...epilogue, group });
  };
  const corner = (sum?: Value) => part(rows[0]!, columns[0]!, { sum });
  const { strides } = window;
  const alone = [...rows.slice(1), ...columns.slice(1)].every((phase) => phase.taps.length === 0);
  const finish = (sum?: Value): Value => {
    if (alone) return spread(b, corner(sum), strides, spatial);
    const all = rows.map((row, i) =>
      columns.map((column, j) => {
        if (i === 0 && j === 0) return corner(sum);
        return row.taps.length && column.taps.length ? part(row, column, {}) : undefined;
      }),
    );
    return interleave(b, all, spatial, channels);
  };
  const ended = (sum?: Value) => (epilogue: Epilogue) => finishWith(b, finish(sum), epilogue);
  return {
    finish: ended(),
    ...(alone ? { sparse: { strides, corner: () => corner() } } : {}),
    addSparse: (sparse) =>
      !alone && sparse.strides.join() === strides.join() ? ended(sparse.corner()) : undefined,
  };
}

/** An epilogue as operators of its own. */
export function finishWith({ g }: Blocking, value: Value, { sum, relu }: Epilogue): Value {
  const summed = sum ? g.op('Add', [value, sum]) : value;
  return relu === undefined ? summed : rectified(g, summed, relu);
}

/** `[N, C, H', W']` at every few positions of zeros. */
function spread(
  b: Blocking,
  corner: Value,
  [down, across]: readonly [number, number],
  spatial: readonly number[],
): Value {
  const { g, block } = b;
  const [n, c, h, w] = sizesOf(corner);
  const apart = g.reshape(corner, [n, c / block, h, 1, w, 1, block]);
  const ends = [0, 0, 0, down - 1, 0, across - 1, 0];
  const padded = g.op('Pad', [apart, g.ints([0, 0, 0, 0, 0, 0, 0, ...ends])]);
  return cut(b, g.reshape(padded, [n, c / block, h * down, w * across, block]), spatial, c);
}

/** Phases by row and column, each `[N, C, H/S, W/S]`, undefined for zeros, brought together. */
function interleave(
  b: Blocking,
  phases: readonly (readonly (Value | undefined)[])[],
  spatial: readonly number[],
  channels: number,
): Value {
  const { g, block } = b;
  const [n, , h, w] = sizesOf(phases[0]![0]!);
  const shape = [n, channels / block, h, 1, w, 1, block];
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
  return cut(b, g.reshape(together, [n, channels / block, h * down, w * across, block]), spatial, channels);
}

/** `[N, C/B, H', W', B]` without what reaches beyond the input. */
function cut({ g }: Blocking, x: Value, [height, width]: readonly number[], channels: number): Value {
  const exact = x.size(2) === height && x.size(3) === width;
  const inside = exact ? x : g.op('Slice', [x, g.ints([0, 0]), g.ints([height!, width!]), g.ints([2, 3])]);
  return g.reshape(inside, [x.size(0), channels, height!, width!]);
}

/** Some taps of the weights, inputs and outputs exchanged, as weights of their own. */
function turnedTaps(
  { b, w, factor, layout }: InputGradient,
  taps: readonly number[],
  kernel: readonly [number, number],
): Value {
  const { g, block, store } = b;
  const [outputs, inputs, kh, kw] = store.sizes(w) as [number, number, number, number];
  const count = kh * kw;
  const scaled = () => {
    const weights = store.in(w, layout);
    return factor ? scaledOutputs(b, weights, factor) : weights;
  };
  if (layout === 'depthwise') {
    const split = g.reshape(scaled(), [outputs / block, count, block]);
    return g.reshape(g.op('Gather', [split, g.ints(taps)], { axis: 1 }), [outputs, 1, ...kernel]);
  }
  const [planes, sources] = [outputs / block, inputs / block];
  const size = block ** 2;
  const key = factor ? `${w} ${factor.name}` : w;
  let flipped = b.flipped.get(key);
  if (flipped === undefined) {
    // ReorderInput transposes each block by block of inputs and outputs.
    const blocks = reorderInput(g, g.reshape(scaled(), [planes * sources * count, block, 1, block]));
    flipped = g.reshape(blocks, [planes * sources * count, size]);
    b.flipped.set(key, flipped);
  }
  const picked: number[] = [];
  for (let source = 0; source < sources; source++) {
    for (let plane = 0; plane < planes; plane++) {
      for (const tap of taps) picked.push((plane * sources + source) * count + tap);
    }
  }
  return g.reshape(g.op('Gather', [flipped, g.ints(picked)]), [inputs, outputs, ...kernel]);
}
