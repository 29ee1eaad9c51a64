/** Convolutions and poolings: windows that slide over the spatial axes of `[N, C, ...]`. */
import type { Dim, Shape } from '../graph.js';
import { windowExtent } from '../windows.js';
import { formatShape, type Known, one, type Rule, type Rules, type ShapeContext } from './context.js';
import { same, unknownDims } from './dims.js';

interface Window {
  readonly kernel: readonly Dim[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Beginnings, then ends. */
  readonly pads: readonly number[];
  readonly autoPad: string;
  readonly ceil: boolean;
}

function readWindow(c: ShapeContext, rank: number, kernel: readonly Dim[]): Window {
  const list = (name: string, length: number, fallback: number): readonly number[] => {
    const found = c.ints(name);
    if (found !== undefined && found.length !== length) {
      c.fail(`attribute '${name}' must hold ${length} integers, found ${formatShape(found)}`);
    }
    return found ?? new Array<number>(length).fill(fallback);
  };
  if (kernel.length !== rank) c.fail(`a kernel of ${formatShape(kernel)} does not fit ${rank} spatial axes`);
  return {
    kernel,
    strides: list('strides', rank, 1),
    dilations: list('dilations', rank, 1),
    pads: list('pads', 2 * rank, 0),
    autoPad: c.string('auto_pad', 'NOTSET'),
    ceil: c.int('ceil_mode', 0) === 1,
  };
}

/** The output sizes of a window over the spatial sizes `input`. */
function slide(c: ShapeContext, input: Shape, w: Window): Dim[] {
  return input.map((size, i) => {
    const kernel = w.kernel[i]!;
    const stride = w.strides[i]!;
    if (w.autoPad.startsWith('SAME')) {
      return typeof size === 'number' ? Math.ceil(size / stride) : stride === 1 ? size : null;
    }
    if (typeof kernel !== 'number') return null;
    const valid = w.autoPad === 'VALID';
    const begin = valid ? 0 : w.pads[i]!;
    const pads = valid ? 0 : begin + w.pads[i + input.length]!;
    const extent = windowExtent(kernel, w.dilations[i]!);
    if (typeof size !== 'number') return stride === 1 && pads === extent - 1 ? size : null;
    const room = size + pads - extent;
    if (room < 0) {
      c.fail(`a window of ${extent} is larger than axis ${i + 2}, which has ${size + pads} with its padding`);
    }
    if (!w.ceil) return Math.floor(room / stride) + 1;
    // A last window that would begin in the end padding is left out.
    const count = Math.ceil(room / stride) + 1;
    return (count - 1) * stride >= size + begin ? count - 1 : count;
  });
}

/** Checks weights `[M, C/group, ...]` against an input `[N, C, ...]` and returns the convolution's shape. */
export function convolved(c: ShapeContext, x: Shape | undefined, w: Shape | undefined): Shape | undefined {
  if (x === undefined && w === undefined) return undefined;
  const rank = (x ?? w)!.length - 2;
  if (rank < 1) c.fail(`an input of ${formatShape(x ?? w)} has no spatial axis`);
  const [batch, channels, ...spatial] = x ?? unknownDims(rank + 2);
  const weights = w ?? unknownDims(rank + 2);
  if (weights.length !== rank + 2) {
    c.fail(`weights of ${formatShape(w)} do not fit an input of ${formatShape(x)}`);
  }
  const group = c.int('group', 1);
  const [outputs, perGroup] = weights;
  if (typeof channels === 'number' && typeof perGroup === 'number' && channels !== perGroup * group) {
    c.fail(
      `${channels} channels of the input ${formatShape(x)} do not fit weights ${formatShape(w)} in ${group} group(s)`,
    );
  }
  if (typeof outputs === 'number' && outputs % group !== 0) {
    c.fail(`${outputs} output channels do not divide into ${group} groups`);
  }
  const given = c.ints('kernel_shape');
  const kernel = weights.slice(2).map((d, i) => {
    if (given === undefined) return d;
    const size = same(d, given[i] ?? null);
    return size === undefined
      ? c.fail(`kernel_shape ${formatShape(given)} contradicts weights of ${formatShape(w)}`)
      : size;
  });
  return [batch!, outputs!, ...slide(c, spatial, readWindow(c, rank, kernel))];
}

function checkBias(c: ShapeContext, index: number, channels: Dim | undefined): void {
  if (!c.has(index)) return;
  const bias = c.shapeOfRank(index, 1);
  if (bias !== undefined && same(bias[0]!, channels ?? null) === undefined) {
    c.fail(`a bias of ${formatShape(bias)} does not fit ${channels} output channels`);
  }
}

const conv: Rule = (c) => {
  const shape = convolved(c, c.shape(0), c.shape(1));
  checkBias(c, 2, shape?.[1]);
  return one({ dtype: c.dtype(0), shape });
};

const convTranspose: Rule = (c) => {
  const [x, w] = [c.shape(0), c.shape(1)];
  const dtype = c.dtype(0);
  if (x === undefined || w === undefined) return one({ dtype, shape: x && unknownDims(x.length) });
  const rank = x.length - 2;
  if (rank < 1 || w.length !== x.length) {
    c.fail(`weights of ${formatShape(w)} do not fit an input of ${formatShape(x)}`);
  }
  if (same(x[1]!, w[0]!) === undefined) {
    c.fail(`channels of the input ${formatShape(x)} do not fit weights ${formatShape(w)}`);
  }
  const window = readWindow(c, rank, c.ints('kernel_shape') ?? w.slice(2));
  const outputShape = c.ints('output_shape');
  const extra = c.ints('output_padding') ?? new Array<number>(rank).fill(0);
  const spatial = x.slice(2).map((size, i): Dim => {
    if (outputShape !== undefined) return outputShape[i + outputShape.length - rank] ?? null;
    const kernel = window.kernel[i]!;
    if (typeof size !== 'number' || typeof kernel !== 'number') return null;
    if (window.autoPad.startsWith('SAME')) return size * window.strides[i]!;
    const pads = window.autoPad === 'VALID' ? 0 : window.pads[i]! + window.pads[i + rank]!;
    const extent = (kernel - 1) * window.dilations[i]! + 1;
    return window.strides[i]! * (size - 1) + extra[i]! + extent - pads;
  });
  const group = c.int('group', 1);
  const channels = typeof w[1] === 'number' ? w[1] * group : group === 1 ? w[1]! : null;
  checkBias(c, 2, channels);
  return one({ dtype, shape: [x[0]!, channels, ...spatial] });
};

function pooled(c: ShapeContext): Shape | undefined {
  const x = c.shape(0);
  if (x === undefined) return undefined;
  const kernel = c.ints('kernel_shape') ?? c.fail("attribute 'kernel_shape' is missing");
  if (x.length < 3) c.fail(`an input of ${formatShape(x)} has no spatial axis`);
  return [x[0]!, x[1]!, ...slide(c, x.slice(2), readWindow(c, x.length - 2, kernel))];
}

const pool: Rule = (c) => one({ dtype: c.dtype(0), shape: pooled(c) });

const maxPool: Rule = (c): readonly Known[] => {
  const shape = pooled(c);
  return [
    { dtype: c.dtype(0), shape },
    { dtype: 'int64', shape },
  ];
};

const globalPool: Rule = (c) => {
  const x = c.shape(0);
  return one({ dtype: c.dtype(0), shape: x && [...x.slice(0, 2), ...x.slice(2).map(() => 1)] });
};

/** Inputs: x, its scale and zero point, w, its scale and zero point, y's scale and zero point, bias. */
const quantizedConv: Rule = (c) => {
  const shape = convolved(c, c.shape(0), c.shape(3));
  checkBias(c, 8, shape?.[1]);
  return one({ dtype: c.dtype(7), shape });
};

export const convolution: Rules = {
  Conv: conv,
  ConvTranspose: convTranspose,
  ConvInteger: (c) => one({ dtype: 'int32', shape: convolved(c, c.shape(0), c.shape(1)) }),
  QLinearConv: quantizedConv,
  MaxPool: maxPool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
};

/** A convolution, an optional tensor to add, then an activation. */
export const fusedConvolution: Rules = { FusedConv: conv };
