/** The gradient of a convolution for its input, as convolutions of dy with the weights turned around. */
import type { Value } from '../../../onnx/index.js';
import { denseConv } from '../kernels/dense.js';
import { conv, type Epilogue, finishWith } from '../kernels/operators.js';
import { interleave, type Phase, phasesOf, spread } from '../kernels/phases.js';
import { type TurnableWeights, turnedTaps } from '../kernels/turned-weights.js';
import { type Pair, type Sides, unitWindow, type Window2d } from '../kernels/window.js';
import type { KernelBuilder, Operand } from '../layout/builder.js';
import { heldSizes } from '../layout/fill.js';
import type { Rule } from '../node.js';
import type { Deferred } from '../value.js';
import { factoredOf } from './factored.js';
import { convolutionOf, pair } from './geometry.js';

export const convInputGradient: Rule = (c) => {
  const [dy, w] = [c.input(0), c.input(1)];
  const spatial = pair(c.ints('spatial', []));
  const [sizes, found] = [w.sizes4, dy.blockable];
  if (found === undefined || sizes === undefined) return false;
  const convolution = convolutionOf(c, sizes, spatial);
  if (convolution === undefined || convolution.layout === 'thin') return false;
  const { layout, window, group } = convolution;
  const { value, factor } = factoredOf(dy);
  const held = heldSizes(layout, sizes, c.block);
  const weights: TurnableWeights = { weights: w, layout, sizes: held, factor };
  const problem: InputGradient = { dy: value, weights, window, group, spatial };
  const unstrided = window.strides.every((s) => s === 1);
  const deferred = unstrided ? whole(c, problem) : byPhases(c, problem, [found[2], found[3]]);
  if (deferred === undefined) return false;
  c.output().defer(deferred);
  return true;
};

interface InputGradient {
  readonly dy: Operand;
  readonly weights: TurnableWeights;
  readonly window: Window2d;
  readonly group: number;
  /** Height and width of x. */
  readonly spatial: Pair;
}

/** Stride 1: one convolution of dy with all taps in reverse. */
function whole(b: KernelBuilder, { dy, weights, window, group }: InputGradient): Deferred | undefined {
  const { kernel, dilations, pads } = window;
  const turned = (side: 0 | 1 | 2 | 3) => {
    const axis = side % 2 === 0 ? 0 : 1;
    return (kernel[axis] - 1) * dilations[axis] - pads[side];
  };
  const turnedPads: Sides = [turned(0), turned(1), turned(2), turned(3)];
  if (turnedPads.some((p) => p < 0)) return undefined;
  const count = kernel[0] * kernel[1];
  const reversed = Array.from({ length: count }, (_, i) => count - 1 - i);
  return {
    finish: (epilogue) => {
      const taps = turnedTaps(b, weights, reversed, kernel);
      const full: Window2d = { kernel, strides: [1, 1], dilations, pads: turnedPads };
      const gradient = dy.in('channels');
      return weights.layout === 'dense'
        ? denseConv(b, gradient, taps, full, epilogue)
        : conv(b.g, gradient, taps, full, { ...epilogue, group });
    },
  };
}

/**
 * Larger strides: phase by phase. A value that is nonzero only in phase 0, as the gradient of a strided shortcut is, is
 * added to that phase.
 */
function byPhases(b: KernelBuilder, problem: InputGradient, count: Pair): Deferred | undefined {
  const { dy, weights, window, group, spatial } = problem;
  const { kernel, strides } = window;
  if (window.dilations.some((d) => d !== 1)) return undefined;
  const rows = phasesOf(spatial[0], count[0], window, 0);
  const columns = phasesOf(spatial[1], count[1], window, 1);
  const used = [...rows, ...columns].filter((phase) => phase.taps.length > 0);
  if (rows[0]!.taps.length === 0 || columns[0]!.taps.length === 0) return undefined;
  if (used.some((phase) => phase.begin < 0 || phase.end < 0)) return undefined;

  const part = (row: Phase, column: Phase, epilogue: Epilogue): Value => {
    const size: Pair = [row.taps.length, column.taps.length];
    const places = row.taps.flatMap((i) => column.taps.map((j) => i * kernel[1] + j));
    const taps = turnedTaps(b, weights, places, size);
    const pads: Sides = [row.begin, column.begin, row.end, column.end];
    return conv(b.g, dy.in('channels'), taps, { ...unitWindow(...size), pads }, { ...epilogue, group });
  };
  const corner = (sum?: Value) => part(rows[0]!, columns[0]!, { sum });
  const alone = [...rows.slice(1), ...columns.slice(1)].every((phase) => phase.taps.length === 0);
  const written = (sum?: Value): Value => {
    if (alone) return spread(b, corner(sum), strides, spatial);
    const all = rows.map((row, i) =>
      columns.map((column, j) => {
        if (i === 0 && j === 0) return corner(sum);
        return row.taps.length && column.taps.length ? part(row, column, {}) : undefined;
      }),
    );
    return interleave(b, all, spatial);
  };
  const finish = (sum?: Value) => (epilogue: Epilogue) => finishWith(b.g, written(sum), epilogue);
  return {
    finish: finish(),
    ...(alone ? { sparse: { strides, corner: () => corner() } } : {}),
    addSparse: (sparse) =>
      !alone && sparse.strides.join() === strides.join() ? finish(sparse.corner()) : undefined,
  };
}
