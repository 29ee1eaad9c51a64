/** Pad: inputs x, pads (all beginnings, then all ends), value, axes. */
import type { Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { alongAxisTransposed, zeroMatrix } from '../linear.js';
import { sumOver } from '../shaping.js';

interface Padding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

function paddings(c: GradientContext): Padding[] {
  const pads = c.numbers(1) ?? c.fail('the pads are not known');
  const rank = c.rank(0);
  const given = c.has(3) ? (c.numbers(3) ?? c.fail('the axes are not known')) : undefined;
  const axes = given ?? Array.from({ length: rank }, (_, i) => i);
  return axes
    .map((axis, i) => ({
      axis: c.axis(axis),
      before: pads[i]!,
      after: pads[i + axes.length]!,
    }))
    .filter(({ before, after }) => before !== 0 || after !== 0);
}

/** Added padding is cut off; elements removed by negative pads get no gradient. */
function trimmed(c: GradientContext, all: readonly Padding[]): Value {
  const { g } = c;
  const rank = c.rank(0);
  const positive = all.filter(({ before, after }) => before > 0 || after > 0);
  // The end counts from the end of the axis, which need not have a known size.
  const ends = positive.map(({ after }) => (after > 0 ? -after : Number.MAX_SAFE_INTEGER));
  const starts = positive.map(({ before }) => Math.max(before, 0));
  const inner =
    positive.length === 0
      ? c.dy
      : g.op('Slice', [c.dy, g.ints(starts), g.ints(ends), g.ints(positive.map((p) => p.axis))]);
  if (all.every(({ before, after }) => before >= 0 && after >= 0)) return inner;
  const back = new Array<number>(2 * rank).fill(0);
  for (const { axis, before, after } of all) {
    back[axis] = Math.max(-before, 0);
    back[axis + rank] = Math.max(-after, 0);
  }
  return g.op('Pad', [inner, g.ints(back), g.scalar(0, inner)]);
}

/** For each position of an axis, the index of the input element shown there. */
function source(mode: string, size: number, position: number): number {
  if (mode === 'edge') return Math.min(Math.max(position, 0), size - 1);
  if (mode === 'wrap') return ((position % size) + size) % size;
  if (position < 0) return -position;
  return position >= size ? 2 * (size - 1) - position : position;
}

function folded(c: GradientContext, dy: Value, mode: string, { axis, before, after }: Padding): Value {
  const size = c.input(0).shape![axis];
  if (typeof size !== 'number') return c.fail(`axis ${axis}, padded by '${mode}', must have a known size`);
  const map = zeroMatrix(size + before + after, size);
  for (let i = 0; i < map.rows; i++) map.values[i * size + source(mode, size, i - before)]! += 1;
  return alongAxisTransposed(c.g, dy, axis, map);
}

const rule: GradientRule = (c) => {
  const { g } = c;
  const all = paddings(c);
  const mode = c.string('mode', 'constant');
  if (mode !== 'constant') return [all.reduce((dy, padding) => folded(c, dy, mode, padding), c.dy)];
  const inner = trimmed(c, all);
  const axes = Array.from({ length: c.rank(0) }, (_, i) => i);
  const value = () => {
    if (all.some(({ before, after }) => before < 0 || after < 0)) c.fail('the value of pads that cut');
    return g.op('Sub', [sumOver(g, c.dy, axes, false), sumOver(g, inner, axes, false)]);
  };
  return [c.needs(0) ? inner : undefined, undefined, c.needs(2) ? value() : undefined];
};

export const padding: GradientRules = { Pad: rule };
