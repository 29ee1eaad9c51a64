/** Activation functions. At a kink the gradient is the one that PyTorch takes. */
import { type GraphBuilder, hardSwishGradient, isOp, reluGradient, type Value } from '../../onnx/index.js';
import type { GradientContext, GradientRule, GradientRules } from '../context.js';
import { sumOver, sumTo } from '../shaping.js';
import { elementwise } from './unary.js';

const times = (g: GraphBuilder, x: Value, factor: number): Value => g.op('Mul', [x, g.scalar(factor, x)]);
const plus = (g: GraphBuilder, x: Value, addend: number): Value => g.op('Add', [x, g.scalar(addend, x)]);

/** `value` where `condition` holds, 0 elsewhere. */
const only = (g: GraphBuilder, condition: Value, value: Value): Value =>
  g.op('Where', [condition, value, g.scalar(0, value)]);

const positive = (g: GraphBuilder, x: Value): Value => g.op('Greater', [x, g.scalar(0, x)]);

const leakyRelu = elementwise((c, dy, x) =>
  c.g.op('Where', [positive(c.g, x), dy, times(c.g, dy, c.float('alpha', 0.01))]),
);

const prelu: GradientRule = (c) => {
  const { g, dy } = c;
  const [x, slope] = [c.input(0), c.input(1)];
  const above = positive(g, x);
  const dx = c.needs(0) ? g.op('Where', [above, dy, g.op('Mul', [dy, slope])]) : undefined;
  if (!c.needs(1)) return [dx];
  const below = g.op('Where', [above, g.scalar(0, x), g.op('Mul', [dy, x])]);
  return [dx, sumTo(g, below, x.shape, slope)];
};

/** The upper bound of a Clip that is a ReLU with a ceiling, such as ReLU6, with constant bounds. */
function ceilingOf(c: GradientContext): number | undefined {
  const [low, high] = [c.inputs[1], c.inputs[2]];
  if (low === undefined || high === undefined || c.needs(1) || c.needs(2)) return undefined;
  const [floor, ceiling] = [low, high].map((bound) => c.g.numbers(bound)?.[0]);
  return floor === 0 && ceiling !== undefined && ceiling > 0 ? ceiling : undefined;
}

/**
 * Bounds are inputs 1 and 2, scalars; the gradient passes at a bound itself, except for a ReLU with a ceiling, as in
 * PyTorch for both. Where bounds cross, the upper wins.
 */
const clip: GradientRule = (c) => {
  const { g, dy } = c;
  const ceiling = ceilingOf(c);
  if (ceiling !== undefined) return [reluGradient(g, dy, c.output(), ceiling)];
  const x = c.input(0);
  const [low, high] = [c.inputs[1], c.inputs[2]];
  const below = low && g.op('Less', [x, low]);
  const above = high && g.op('Greater', [low ? g.op('Max', [x, low]) : x, high]);
  const outside = below && above ? g.op('Or', [below, above]) : (below ?? above);
  const all = Array.from({ length: c.rank(0) }, (_, i) => i);
  const total = (where: Value) => sumOver(g, only(g, where, dy), all, false);
  const lower = () => total(above ? g.op('And', [below!, g.op('Not', [above])]) : below!);
  return [
    c.needs(0) ? (outside ? g.op('Where', [outside, g.scalar(0, x), dy]) : dy) : undefined,
    c.needs(1) ? lower() : undefined,
    c.needs(2) ? total(above!) : undefined,
  ];
};

/** y(1 − y) */
const sigmoid = elementwise((c, dy) => {
  const { g } = c;
  const y = c.output();
  return g.op('Mul', [dy, g.op('Mul', [y, g.op('Sub', [g.scalar(1, y), y])])]);
});

/** 1 − y² */
const tanh = elementwise((c, dy) => {
  const { g } = c;
  const y = c.output();
  return g.op('Mul', [dy, g.op('Sub', [g.scalar(1, y), g.op('Mul', [y, y])])]);
});

/** A scaled ReLU with a ceiling. */
const hardSigmoid = elementwise((c, dy) =>
  reluGradient(c.g, times(c.g, dy, c.float('alpha', 0.2)), c.output(), 1),
);

/**
 * The gradient of SiLU, y = x·s with s = σ(x) (Elfwing et al. 2018), if a product is one: dy·s·(1 + x − y), in half the
 * passes that its two operators take separately. Undefined for other products.
 */
export function silu(c: GradientContext): readonly (Value | undefined)[] | undefined {
  const { g, dy } = c;
  for (const i of [0, 1]) {
    const maker = c.maker(i);
    const [x] = maker !== undefined && isOp(maker, 'Sigmoid') ? maker.inputs : [];
    if (x === undefined || x !== c.node.inputs[1 - i] || !c.needs(i)) continue;
    const slope = g.op('Mul', [c.input(i), plus(g, g.op('Sub', [c.input(1 - i), c.output()]), 1)]);
    const dx = g.op('Mul', [dy, slope]);
    return i === 1 ? [dx] : [undefined, dx];
  }
  return undefined;
}

/** Hendrycks and Gimpel 2016: y = xΦ(x), so dy/dx = Φ(x) + xφ(x). */
function exactGeluSlope(g: GraphBuilder, x: Value): Value {
  const phi = times(g, plus(g, g.op('Erf', [times(g, x, Math.SQRT1_2)]), 1), 0.5);
  const bell = times(g, g.op('Exp', [times(g, g.op('Mul', [x, x]), -0.5)]), 1 / Math.sqrt(2 * Math.PI));
  return g.op('Add', [phi, g.op('Mul', [x, bell])]);
}

/** y = x/2 · (1 + t), t = tanh(√(2/π)(x + 0.044715x³)) */
function tanhGeluSlope(g: GraphBuilder, x: Value): Value {
  const [rate, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = g.op('Mul', [x, x]);
  const t = g.op('Tanh', [g.op('Mul', [x, plus(g, times(g, square, rate * cubic), rate)])]);
  const inner = plus(g, times(g, square, 3 * rate * cubic), rate);
  const falling = g.op('Sub', [g.scalar(1, x), g.op('Mul', [t, t])]);
  const second = g.op('Mul', [g.op('Mul', [x, inner]), falling]);
  return times(g, g.op('Add', [plus(g, t, 1), second]), 0.5);
}

const gelu = elementwise((c, dy, x) => {
  const slope = c.string('approximate', 'none') === 'tanh' ? tanhGeluSlope : exactGeluSlope;
  return c.g.op('Mul', [dy, slope(c.g, x)]);
});

/** α(eˣ − 1) below 0, where the slope is y + α. */
const elu = elementwise((c, dy, x) => {
  const below = c.g.op('Mul', [dy, plus(c.g, c.output(), c.float('alpha', 1))]);
  return c.g.op('Where', [positive(c.g, x), dy, below]);
});

export const activations: GradientRules = {
  Relu: elementwise((c: GradientContext, dy) => reluGradient(c.g, dy, c.output())),
  LeakyRelu: leakyRelu,
  PRelu: prelu,
  Clip: clip,
  Sigmoid: sigmoid,
  Tanh: tanh,
  HardSigmoid: hardSigmoid,
  HardSwish: elementwise((c, dy, x) => hardSwishGradient(c.g, dy, x)),
  Gelu: gelu,
  Elu: elu,
  Softplus: elementwise(({ g }, dy, x) => g.op('Mul', [dy, g.op('Sigmoid', [x])])),
};
