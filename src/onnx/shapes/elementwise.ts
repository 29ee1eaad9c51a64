/** Operators that work element by element, with broadcasting where they take several tensors. */
import { DATA_TYPES, type DataType, type Dim, type Shape } from '../graph.js';
import { type Known, one, type Rule, type Rules, type ShapeContext } from './context.js';
import { broadcast, spread, staticCount, VALUE_LIMIT } from './dims.js';

const isInteger = (dtype: DataType): boolean => /^u?int/.test(dtype);

/** A computed element in the precision of its type, so that floor(size × scale) rounds as in a run. */
const stored = (v: Dim, dtype: DataType): Dim => {
  if (typeof v !== 'number') return v;
  if (dtype === 'float32') return Math.fround(v);
  return Number.isFinite(v) ? v : null;
};

type Scalar = (...elements: Dim[]) => Dim;

/** The elements of `f` applied under broadcasting; undefined if an input's are unknown. */
function mapValues(c: ShapeContext, shape: Shape | undefined, dtype: DataType, f: Scalar | undefined) {
  const count = staticCount(shape);
  if (f === undefined || shape === undefined || count === undefined || count > VALUE_LIMIT) return undefined;
  const inputs = c.inputs.map((k) => k?.elements && k.shape && spread(k.elements, k.shape, shape, count));
  if (inputs.includes(undefined)) return undefined;
  return Array.from({ length: count }, (_, i) => stored(f(...inputs.map((v) => v![i]!)), dtype));
}

const numeric =
  (f: (...n: number[]) => Dim): Scalar =>
  (...v) =>
    v.every((x) => typeof x === 'number') ? f(...v) : null;

/** Inputs of one type, which is also the result's. */
const arithmetic =
  (f?: Scalar | ((dtype: DataType) => Scalar), typed = false): Rule =>
  (c) => {
    const known = c.inputs.map((_, i) => c.dtype(i)).filter((t) => t !== 'undefined');
    if (known.some((t) => t !== known[0])) {
      c.fail(`inputs of types ${[...new Set(known)].join(' and ')} do not mix`);
    }
    const dtype = known[0] ?? 'undefined';
    const shape = broadcast(
      c,
      c.node.inputs.map((_, i) => c.shape(i)),
    );
    const scalar = typed ? (f as (t: DataType) => Scalar)(dtype) : (f as Scalar | undefined);
    return one({ dtype, shape }, mapValues(c, shape, dtype, scalar));
  };

const comparison =
  (f?: Scalar): Rule =>
  (c) => {
    const [a, b] = [c.dtype(0), c.dtype(1)];
    if (a !== b && a !== 'undefined' && b !== 'undefined') c.fail(`inputs of types ${a} and ${b} do not mix`);
    const shape = broadcast(c, [c.shape(0), c.shape(1)]);
    return one({ dtype: 'bool', shape }, mapValues(c, shape, 'bool', f));
  };

/** The first input's type and shape; further inputs are scalars or parameters. */
const like =
  (f?: (n: number, dtype: DataType) => Dim): Rule =>
  (c) => {
    const dtype = c.dtype(0);
    const value = f && c.elements(0)?.map((v) => stored(typeof v === 'number' ? f(v, dtype) : null, dtype));
    return one({ dtype, shape: c.shape(0) }, value);
  };

const identity: Rule = (c) => [c.inputs[0]];

const test: Rule = (c) => one({ dtype: 'bool', shape: c.shape(0) });

const add: Scalar = (a, b) => {
  if (a === 0) return b!;
  if (b === 0) return a!;
  return numeric((x, y) => x! + y!)(a!, b!);
};

const subtract: Scalar = (a, b) => {
  if (b === 0) return a!;
  if (typeof a === 'string' && a === b) return 0;
  return numeric((x, y) => x! - y!)(a!, b!);
};

const multiply: Scalar = (a, b) => {
  if (a === 1) return b!;
  if (b === 1) return a!;
  return numeric((x, y) => x! * y!)(a!, b!);
};

const divide =
  (dtype: DataType): Scalar =>
  (a, b) => {
    if (b === 1) return a!;
    return numeric((x, y) => (y === 0 ? null : isInteger(dtype) ? Math.trunc(x! / y!) : x! / y!))(a!, b!);
  };

/** Names stand for sizes, which are never negative. */
const equal: Scalar = (a, b) => {
  if (typeof a === 'string' && a === b) return 1;
  if (typeof a === 'string' && typeof b === 'number' && b < 0) return 0;
  if (typeof b === 'string' && typeof a === 'number' && a < 0) return 0;
  return numeric((x, y) => Number(x === y))(a!, b!);
};

const extreme =
  (f: (...n: number[]) => number): Scalar =>
  (...v) =>
    v.every((x) => x === v[0]) ? v[0]! : numeric(f)(...v);

const where: Rule = (c) => {
  const shape = broadcast(c, [c.shape(0), c.shape(1), c.shape(2)]);
  const dtype = c.dtype(1) === 'undefined' ? c.dtype(2) : c.dtype(1);
  if (c.dtype(2) !== 'undefined' && c.dtype(2) !== dtype) {
    c.fail(`branches of types ${dtype} and ${c.dtype(2)} do not mix`);
  }
  const choose: Scalar = (condition, a, b) =>
    condition === null ? (a === b ? a! : null) : condition ? a! : b!;
  return one({ dtype, shape }, mapValues(c, shape, dtype, choose));
};

/** A parameter that broadcasts to the input (unidirectional). */
const prelu: Rule = (c) => {
  const shape = c.shape(0);
  broadcast(c, [shape, c.shape(1)]);
  return one({ dtype: c.dtype(0), shape });
};

const DATA_TYPE_NAMES = new Map(
  Object.entries(DATA_TYPES).map(([name, number]) => [number as number, name as DataType]),
);

/** The element type behind the number of an attribute such as Cast's `to`. */
export function dataTypeAttribute(c: ShapeContext, name: string, fallback: DataType): DataType {
  const number = c.int(name, DATA_TYPES[fallback]);
  return DATA_TYPE_NAMES.get(number) ?? c.fail(`attribute '${name}' names no element type: ${number}`);
}

function castTo(c: ShapeContext, dtype: DataType): readonly Known[] {
  const value = c.elements(0)?.map((v): Dim => {
    if (dtype === 'bool') return typeof v === 'number' ? Number(v !== 0) : null;
    if (typeof v !== 'number') return v;
    return isInteger(dtype) ? Math.trunc(v) : stored(v, dtype);
  });
  return one({ dtype, shape: c.shape(0) }, value);
}

const likeNames = [
  'Relu LeakyRelu ThresholdedRelu Clip Sigmoid Tanh HardSigmoid HardSwish Elu Selu Celu Softplus Softsign Gelu Mish',
  'Swish Shrink Erf Exp Log Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh BitwiseNot',
].flatMap((line) => line.split(' '));

export const elementwise: Rules = {
  ...Object.fromEntries(likeNames.map((name) => [name, like()])),
  Add: arithmetic(add),
  Sub: arithmetic(subtract),
  Mul: arithmetic(multiply),
  Div: arithmetic(divide, true),
  Min: arithmetic(extreme(Math.min)),
  Max: arithmetic(extreme(Math.max)),
  Sum: arithmetic(),
  Mean: arithmetic(),
  // The sign of Mod's result follows the divisor, unless fmod asks for C's remainder.
  Mod: (c) =>
    arithmetic(
      numeric((x, y) => (y === 0 ? null : c.int('fmod', 0) ? x! % y! : x! - y! * Math.floor(x! / y!))),
    )(c),
  // The exponent may have another type.
  Pow: (c) => one({ dtype: c.dtype(0), shape: broadcast(c, [c.shape(0), c.shape(1)]) }),
  BitShift: arithmetic(),
  BitwiseAnd: arithmetic(),
  BitwiseOr: arithmetic(),
  BitwiseXor: arithmetic(),
  And: comparison(numeric((a, b) => Number(a !== 0 && b !== 0))),
  Or: comparison(numeric((a, b) => Number(a !== 0 || b !== 0))),
  Xor: comparison(numeric((a, b) => Number((a !== 0) !== (b !== 0)))),
  Equal: comparison(equal),
  Greater: comparison(numeric((a, b) => Number(a! > b!))),
  Less: comparison(numeric((a, b) => Number(a! < b!))),
  GreaterOrEqual: comparison(numeric((a, b) => Number(a! >= b!))),
  LessOrEqual: comparison(numeric((a, b) => Number(a! <= b!))),
  Not: (c) =>
    one(
      { dtype: 'bool', shape: c.shape(0) },
      c.elements(0)?.map((v) => (typeof v === 'number' ? Number(v === 0) : null)),
    ),
  Where: where,
  PRelu: prelu,
  Identity: identity,
  Abs: like(Math.abs),
  Neg: like((n) => -n),
  Sign: like(Math.sign),
  Floor: like(Math.floor),
  Ceil: like(Math.ceil),
  // To nearest, halves to the even neighbour.
  Round: like((n) => {
    const up = Math.round(n);
    return up - n === 0.5 && up % 2 !== 0 ? up - 1 : up;
  }),
  Sqrt: like((n) => (n < 0 ? null : Math.sqrt(n))),
  Reciprocal: like((n) => (n === 0 ? null : 1 / n)),
  IsNaN: test,
  IsInf: test,
  Cast: (c) => castTo(c, dataTypeAttribute(c, 'to', 'undefined')),
  CastLike: (c) => castTo(c, c.dtype(1)),
};
