/** Slice: inputs x, starts, ends, axes, steps. */
import type { Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { sizeOf } from '../shaping.js';

interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
}

function cuts(c: GradientContext): Cut[] {
  const starts = c.numbers(1) ?? c.fail('the starts are not known');
  const axes = c.has(3) ? (c.numbers(3) ?? c.fail('the axes are not known')) : starts.map((_, i) => i);
  const steps = c.has(4) ? (c.numbers(4) ?? c.fail('the steps are not known')) : starts.map(() => 1);
  return starts.map((start, i) => {
    return { axis: c.axis(axes[i]!), start, step: steps[i]! };
  });
}

const rule: GradientRule = (c) => [cuts(c).reduce((dy, cut) => restored(c, dy, cut), c.dy)];

/** The gradient in the axis' size before slicing. */
function restored(c: GradientContext, dy: Value, { axis, start, step }: Cut): Value {
  const size = c.input(0).shape![axis];
  const count = c.output().shape?.[axis];
  if (typeof size === 'number' && typeof count === 'number') {
    const from = start < 0 ? start + size : start;
    const first = step > 0 ? Math.min(Math.max(from, 0), size) : Math.min(Math.max(from, 0), size - 1);
    if (step === 1) return padded(c, dy, axis, c.g.ints([first]), c.g.ints([size - first - count]));
    return placed(
      c,
      dy,
      axis,
      Array.from({ length: count }, (_, i) => first + i * step),
      size,
    );
  }
  if (step !== 1) c.fail(`axis ${axis} is cut in steps of ${step}: its size must be known`);
  return paddedAtRun(c, dy, axis, start);
}

function padded(c: GradientContext, dy: Value, axis: number, before: Value, after: Value): Value {
  const { g } = c;
  const rank = c.rank(0);
  const beside = (n: number) => g.ints(new Array<number>(n).fill(0));
  const side = (amount: Value) => [beside(axis), amount, beside(rank - axis - 1)];
  const pads = g.op('Concat', [...side(before), ...side(after)], { axis: 0 });
  return g.op('Pad', [dy, pads, g.scalar(0, dy)]);
}

/**
 * Gathers each element's gradient from its position in the slice; elements outside the slice gather a zero appended at
 * the end.
 */
function placed(c: GradientContext, dy: Value, axis: number, at: readonly number[], size: number): Value {
  const { g } = c;
  const sources = new Array<number>(size).fill(at.length);
  at.forEach((place, i) => {
    sources[place] = i;
  });
  const extended = padded(c, dy, axis, g.ints([0]), g.ints([1]));
  return g.op('Gather', [extended, g.ints(sources)], { axis });
}

/** As `padded`, for an axis whose size is known only at run time. */
function paddedAtRun(c: GradientContext, dy: Value, axis: number, start: number): Value {
  const { g } = c;
  const size = sizeOf(g, c.input(0), axis);
  const zero = g.ints([0]);
  const first =
    start < 0
      ? g.op('Max', [g.op('Add', [size, g.ints([start])]), zero])
      : g.op('Min', [g.ints([start]), size]);
  const after = g.op('Sub', [g.op('Sub', [size, first]), sizeOf(g, c.output(), axis)]);
  return padded(c, dy, axis, first, after);
}

export const slicing: GradientRules = { Slice: rule };
