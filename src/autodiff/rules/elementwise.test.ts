/** Functions of elements, with broadcasting, against central differences. */
import { describe, expect, it } from 'vitest';
import { type GradientCase, gradientError, type Variable } from '../../../test/support/gradcheck.js';
import type { GraphBuilder, OperatorName, Value } from '../../onnx/index.js';

type Range = readonly [number, number];

const unary: readonly {
  op: OperatorName;
  range?: Range;
  attributes?: Record<string, unknown>;
  single?: true;
}[] = [
  { op: 'Identity' },
  { op: 'Neg' },
  { op: 'Abs' },
  { op: 'Reciprocal', range: [0.5, 2] },
  { op: 'Exp' },
  { op: 'Log', range: [0.2, 3] },
  { op: 'Sqrt', range: [0.2, 3] },
  { op: 'Sin' },
  { op: 'Cos' },
  { op: 'Erf', range: [-2, 2], single: true },
  { op: 'Relu' },
  { op: 'LeakyRelu', attributes: { alpha: 0.3 }, single: true },
  { op: 'LeakyRelu', single: true },
  { op: 'Sigmoid', range: [-3, 3] },
  { op: 'Tanh', range: [-3, 3] },
  { op: 'HardSigmoid', range: [-4, 4], single: true },
  { op: 'HardSigmoid', attributes: { alpha: 0.4, beta: 0.6 }, range: [-3, 3], single: true },
  { op: 'HardSwish', range: [-4, 4], single: true },
  { op: 'Gelu', range: [-3, 3], single: true },
  { op: 'Gelu', attributes: { approximate: 'tanh' }, range: [-3, 3], single: true },
  { op: 'Elu', attributes: { alpha: 0.7 }, single: true },
  { op: 'Softplus', range: [-3, 3], single: true },
];

/** Far enough from every kink that a wide step does not reach over it. */
const grid = (count: number, [low, high]: Range): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * (((i * 7) % count) + 0.37)) / count);

describe('gradients of functions of one element', () => {
  it.each(unary)('$op $attributes', async ({ op, range = [-1, 1], attributes = {}, single }) => {
    const values = grid(24, range);
    const error = await gradientError({
      variables: { x: { dims: [2, 3, 4], values } },
      build: (g, { x }) => g.op(op as 'Relu', [x], attributes as Record<string, never>),
      precision: single ? 'float32' : 'float64',
    });
    expect(error).toBeLessThan(1);
  });

  it('SiLU, a product with its sigmoid, either way round, beside another reader of the sigmoid', async () => {
    for (const swapped of [false, true]) {
      const error = await gradientError({
        variables: { x: { dims: [2, 3, 4], values: grid(24, [-6, 6]) } },
        build: (g, { x }) => {
          const s = g.op('Sigmoid', [x]);
          return g.op('Add', [g.op('Mul', swapped ? [s, x] : [x, s]), g.op('Mul', [s, s])]);
        },
      });
      expect(error).toBeLessThan(1);
    }
  });

  it('Clip, with both bounds, one and none', async () => {
    for (const bounds of [
      [-0.4, 0.5],
      [undefined, 0.3],
      [-0.2, undefined],
      [undefined, undefined],
    ]) {
      const build = (g: GraphBuilder, { x }: { x: Value }) =>
        g.op('Clip', [x, ...bounds.map((b) => (b === undefined ? undefined : g.scalar(b, 'float64')))]);
      expect(await gradientError({ variables: { x: { dims: [30] } }, build })).toBeLessThan(1);
    }
  });

  it('Clip, for its bounds, which may cross', async () => {
    for (const [low, high] of [
      [-0.4, 0.5],
      [0.5, -0.4],
    ] as const) {
      const error = await gradientError({
        variables: {
          x: { dims: [3, 10] },
          low: { dims: [], values: [low] },
          high: { dims: [], values: [high] },
        },
        build: (g, { x, low, high }) => g.op('Clip', [x, low, high]),
      });
      expect(error).toBeLessThan(1);
    }
  });

  it('Cast from one precision to the other', async () => {
    const error = await gradientError({
      variables: { x: { dims: [4] } },
      build: (g, { x }) => {
        const double = g.op('Cast', [x], { to: 'float64' });
        return g.op('Cast', [g.op('Mul', [double, double])], { to: 'float32' });
      },
      precision: 'float32',
    });
    expect(error).toBeLessThan(1);
  });
});

/** Every way in which shapes broadcast. */
const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], []],
  [[], [2, 3]],
  [[2, 3], [3]],
  [[3], [2, 3]],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [2, 1, 4],
    [1, 3, 1],
  ],
  [
    [1, 1],
    [2, 2],
  ],
];

const whole: Range = [-1, 1];

const binary: readonly { op: OperatorName; a?: Range; b?: Range; single?: true }[] = [
  { op: 'Add' },
  { op: 'Sub' },
  { op: 'Mul' },
  { op: 'Div', b: [0.5, 2] },
  { op: 'Pow', a: [0.3, 2], b: [-2, 2] },
  { op: 'Min' },
  { op: 'Max' },
  { op: 'Sum' },
  { op: 'Mean', single: true },
];

describe('gradients under broadcasting', () => {
  for (const { op, a: rangeA = whole, b: rangeB = whole, single } of binary) {
    const precision = single ? 'float32' : 'float64';
    it.each(pairs)(`${op} of %j and %j`, async (a, b) => {
      const build: GradientCase<'a' | 'b'>['build'] = (g, v) => g.op(op as 'Add', [v.a, v.b]);
      const variables = { a: { dims: a, range: rangeA }, b: { dims: b, range: rangeB } };
      expect(await gradientError({ variables, build, precision })).toBeLessThan(1);
    });

    it(`${op} of sizes that only a run tells`, async () => {
      const build: GradientCase<'a' | 'b'>['build'] = (g, v) => g.op(op as 'Add', [v.a, v.b]);
      const a: Variable = { dims: [2, 3, 1], declared: ['N', null, 'K'], range: rangeA };
      const b: Variable = { dims: [1, 4], declared: [null, 'M'], range: rangeB };
      expect(await gradientError({ variables: { a, b }, build, precision })).toBeLessThan(1);
    });
  }

  it('names of sizes may turn out to be 1', async () => {
    const error = await gradientError({
      variables: { a: { dims: [2, 1], declared: ['N', 'K'] }, b: { dims: [4] } },
      build: (g, { a, b }) => g.op('Mul', [a, b]),
    });
    expect(error).toBeLessThan(1);
  });

  it('Min and Max of three, and of one', async () => {
    for (const op of ['Min', 'Max'] as const) {
      const three = await gradientError({
        variables: { a: { dims: [2, 3] }, b: { dims: [3] }, c: { dims: [2, 1] } },
        build: (g, { a, b, c }) => g.op(op, [a, b, c]),
      });
      expect(three).toBeLessThan(1);
      const one = await gradientError({
        variables: { a: { dims: [4] } },
        build: (g, { a }) => g.op(op, [a]),
      });
      expect(one).toBeLessThan(1);
    }
  });

  it('the same value on both sides', async () => {
    const error = await gradientError({
      variables: { x: { dims: [2, 3] } },
      build: (g, { x }) => g.op('Mul', [x, g.op('Add', [x, x])]),
    });
    expect(error).toBeLessThan(1);
  });

  it.each([2, 3, 0.5, 0, -1])('Pow with the constant exponent %d', async (e) => {
    const error = await gradientError({
      variables: { x: { dims: [6], range: [0.3, 2] } },
      build: (g, { x }) => g.op('Pow', [x, g.scalar(e, 'float64')]),
    });
    expect(error).toBeLessThan(1);
  });

  it('Pow with an integer exponent and negative bases', async () => {
    const error = await gradientError({
      variables: { x: { dims: [6] } },
      build: (g, { x }) => g.op('Pow', [x, g.ints([3])]),
    });
    expect(error).toBeLessThan(1);
  });

  it.each([[[1]], [[3]], [[3, 1, 1]], [[2, 3, 4, 2]]])('PRelu with slopes of %j', async (slope) => {
    const error = await gradientError({
      variables: { x: { dims: [2, 3, 4, 2], values: grid(48, [-1, 1]) }, slope: { dims: slope } },
      build: (g, { x, slope: s }) =>
        g.op('PRelu', [x, s.shape?.length === 1 && s.size(0) === 3 ? g.reshape(s, [3, 1, 1]) : s]),
      precision: 'float32',
    });
    expect(error).toBeLessThan(1);
  });

  it.each(pairs)('Where between %j and %j', async (a, b) => {
    const error = await gradientError({
      variables: { a: { dims: a }, b: { dims: b } },
      build: (g, v) => {
        const condition = g.op('Greater', [v.a, g.scalar(0, 'float64')]);
        return g.op('Where', [condition, v.a, g.op('Mul', [v.b, v.b])]);
      },
    });
    expect(error).toBeLessThan(1);
  });
});
