/** Arithmetic of two or more tensors that broadcast. */
import type { Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { sumTo } from '../shaping.js';
import { silu } from './activations.js';

/** A gradient of the output's shape, summed to the shape of input `i`. */
export const reduceTo = (c: GradientContext, i: number, gradient: Value): Value =>
  sumTo(c.g, gradient, c.output().shape, c.input(i));

/** A rule that gives each input's gradient in the output's shape; only those that are needed are built. */
const broadcast =
  (...partials: readonly ((c: GradientContext, dy: Value) => Value)[]): GradientRule =>
  (c) =>
    partials.map((partial, i) => (c.needs(i) ? reduceTo(c, i, partial(c, c.dy)) : undefined));

const pass = (_: GradientContext, dy: Value): Value => dy;

const negate = (c: GradientContext, dy: Value): Value => c.g.op('Neg', [dy]);

/** d(a/b)/db = −(a/b)/b */
const quotientByDivisor = (c: GradientContext, dy: Value): Value =>
  c.g.op('Neg', [c.g.op('Mul', [dy, c.g.op('Div', [c.output(), c.input(1)])])]);

/** The exponent, which may be of an integer type, in the type of the base. */
function exponent(c: GradientContext): Value {
  const e = c.input(1);
  return e.dtype === c.input(0).dtype ? e : c.g.op('Cast', [e], { to: c.input(0).dtype });
}

/** d(xᵉ)/dx = e·xᵉ⁻¹, which is 0 for e = 0, at x = 0 too. */
function powerByBase(c: GradientContext, dy: Value): Value {
  const { g } = c;
  const x = c.input(0);
  const known = c.numbers(1);
  if (known?.length === 1 && known[0] === 2) return g.op('Mul', [dy, g.op('Mul', [x, g.scalar(2, x)])]);
  const e = exponent(c);
  const slope = g.op('Mul', [e, g.op('Pow', [x, g.op('Sub', [e, g.scalar(1, x)])])]);
  if (known?.every((n) => n !== 0)) return g.op('Mul', [dy, slope]);
  const zero = g.scalar(0, x);
  return g.op('Mul', [dy, g.op('Where', [g.op('Equal', [e, zero]), zero, slope])]);
}

/** d(xᵉ)/de = xᵉ·ln x, taken as 0 where x ≤ 0: there it is not real, or its limit is 0. */
function powerByExponent(c: GradientContext, dy: Value): Value {
  const { g } = c;
  const x = c.input(0);
  const zero = g.scalar(0, x);
  const positive = g.op('Greater', [x, zero]);
  const logarithm = g.op('Log', [g.op('Where', [positive, x, g.scalar(1, x)])]);
  return g.op('Mul', [dy, g.op('Where', [positive, g.op('Mul', [c.output(), logarithm]), zero])]);
}

const sum: GradientRule = (c) => c.inputs.map((_, i) => (c.needs(i) ? reduceTo(c, i, c.dy) : undefined));

const mean: GradientRule = (c) => {
  const share = c.g.op('Mul', [c.dy, c.g.scalar(1 / c.inputs.length, c.dy)]);
  return c.inputs.map((_, i) => (c.needs(i) ? reduceTo(c, i, share) : undefined));
};

const product = broadcast(
  (c, dy) => c.g.op('Mul', [dy, c.input(1)]),
  (c, dy) => c.g.op('Mul', [dy, c.input(0)]),
);

export const arithmetic: GradientRules = {
  Add: broadcast(pass, pass),
  Sub: broadcast(pass, negate),
  Mul: (c) => silu(c) ?? product(c),
  Div: broadcast((c, dy) => c.g.op('Div', [dy, c.input(1)]), quotientByDivisor),
  Pow: broadcast(powerByBase, powerByExponent),
  Sum: sum,
  Mean: mean,
};
