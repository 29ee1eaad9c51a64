/** Reductions over axes, which stand in an attribute or in input 1. */
import type { Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { expandLike, reshapeTo, type Size, sumOver } from '../shaping.js';

/** The axes that the node reduces, from 0 upwards; undefined if it reduces none and passes its input through. */
function reducedAxes(c: GradientContext): readonly number[] | undefined {
  const given = c.ints('axes') ?? (c.has(1) ? c.numbers(1) : []);
  if (given === undefined) return c.fail('the axes are not known');
  const rank = c.rank(0);
  if (given.length > 0) return given.map((axis) => c.axis(axis)).sort((a, b) => a - b);
  if (c.int('noop_with_empty_axes', 0) === 1) return undefined;
  return Array.from({ length: rank }, (_, i) => i);
}

interface Reduced {
  readonly x: Value;
  readonly axes: readonly number[];
  /** The output and its gradient, with the reduced axes at size 1. */
  readonly y: Value;
  readonly dy: Value;
}

/** A rule from the gradient for the input, which may still broadcast along the reduced axes. */
const reduce =
  (derive: (c: GradientContext, r: Reduced) => Value): GradientRule =>
  (c) => {
    const axes = reducedAxes(c);
    const x = c.input(0);
    if (axes === undefined) return [derive(c, { x, axes: [], y: c.output(), dy: c.dy })];
    // Sizes of the axes that are left come from the input, if they have the same names.
    const sizes = x.shape!.map((_, i): Size => (axes.includes(i) ? 1 : [x, i]));
    const kept = c.int('keepdims', 1) === 1;
    const keep = (value: Value) => (kept ? value : reshapeTo(c.g, value, sizes));
    // Nodes that are not used are dropped when the graph is built.
    return [derive(c, { x, axes, y: keep(c.output()), dy: keep(c.dy) })];
  };

const spread = (c: GradientContext, value: Value, { x, axes }: Reduced): Value =>
  axes.length === 0 ? value : expandLike(c.g, value, x);

/** The largest or smallest elements share the gradient evenly. */
const extreme = reduce(({ g }, { x, y, dy, axes }) => {
  const mask = g.op('Cast', [g.op('Equal', [x, y])], { to: x.dtype });
  return g.op('Mul', [mask, g.op('Div', [dy, sumOver(g, mask, axes, true)])]);
});

export const reduction: GradientRules = {
  ReduceSum: reduce((c, r) => spread(c, r.dy, r)),
  ReduceMean: reduce((c, r) => spread(c, c.g.op('Div', [r.dy, c.g.count(r.x, r.axes)]), r)),
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceL1: reduce(({ g }, { x, dy }) => g.op('Mul', [dy, g.op('Sign', [x])])),
  // x/y; a norm of 0 has no gradient; 0 is used.
  ReduceL2: reduce(({ g }, { x, y, dy }) => {
    const zero = g.op('Equal', [y, g.scalar(0, y)]);
    return g.op('Mul', [x, g.op('Div', [dy, g.op('Where', [zero, g.scalar(1, y), y])])]);
  }),
  ReduceSumSquare: reduce(({ g }, { x, dy }) => g.op('Mul', [x, g.op('Mul', [dy, g.scalar(2, dy)])])),
  ReduceLogSum: reduce((c, r) => spread(c, c.g.op('Div', [r.dy, c.g.op('Exp', [r.y])]), r)),
  // exp(x − y) is the softmax.
  ReduceLogSumExp: reduce(({ g }, { x, y, dy }) => g.op('Mul', [dy, g.op('Exp', [g.op('Sub', [x, y])])])),
};
