/** Functions of one element. */
import type { Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';

/** A rule from the gradient for the input. */
export const elementwise =
  (derive: (c: GradientContext, dy: Value, x: Value) => Value): GradientRule =>
  (c) => [derive(c, c.dy, c.input(0))];

/** Piecewise constant: the gradient is 0 wherever it exists. */
const flat: GradientRule = () => [];

const cast: GradientRule = (c) => [c.g.op('Cast', [c.dy], { to: c.input(0).dtype })];

export const unary: GradientRules = {
  Identity: elementwise((_, dy) => dy),
  Cast: cast,
  CastLike: cast,
  Neg: elementwise(({ g }, dy) => g.op('Neg', [dy])),
  Abs: elementwise(({ g }, dy, x) => g.op('Mul', [dy, g.op('Sign', [x])])),
  // d(1/x)/dx = −y²
  Reciprocal: elementwise((c, dy) => {
    const { g } = c;
    return g.op('Neg', [g.op('Mul', [dy, g.op('Mul', [c.output(), c.output()])])]);
  }),
  Exp: elementwise((c, dy) => c.g.op('Mul', [dy, c.output()])),
  Log: elementwise(({ g }, dy, x) => g.op('Div', [dy, x])),
  // d√x/dx = 1 / (2y)
  Sqrt: elementwise((c, dy) => {
    const { g } = c;
    return g.op('Div', [dy, g.op('Mul', [c.output(), g.scalar(2, dy)])]);
  }),
  Sin: elementwise(({ g }, dy, x) => g.op('Mul', [dy, g.op('Cos', [x])])),
  Cos: elementwise(({ g }, dy, x) => g.op('Neg', [g.op('Mul', [dy, g.op('Sin', [x])])])),
  // Abramowitz and Stegun 7.1.19: 2/√π · exp(−x²)
  Erf: elementwise(({ g }, dy, x) => {
    const bell = g.op('Exp', [g.op('Neg', [g.op('Mul', [x, x])])]);
    return g.op('Mul', [dy, g.op('Mul', [bell, g.scalar(2 / Math.sqrt(Math.PI), x)])]);
  }),
  Floor: flat,
  Ceil: flat,
  Round: flat,
  Sign: flat,
};
