/** Every operation against ONNX Runtime: what a model computes before, it computes after. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { difference, execute, noise } from '../../../test/support/execute.js';
import { type BuilderOptions, GraphBuilder, type Value } from '../builder.js';
import { readModel, writeModel } from '../codec/index.js';
import type { Dim, Graph, Model, Tensor } from '../graph.js';
import { withMetadata } from '../metadata.js';
import { node } from '../node.js';
import { float32, float32Values, tensor } from '../tensor.js';
import {
  activationsToCalibrate,
  alignChannels,
  append,
  cut,
  dynamicBatch,
  fixedBatch,
  foldBatchNorm,
  keepZeroPadding,
  plainConstants,
  quantize,
  removeUnused,
  rename,
  toFloat16,
  toInt8Weights,
  trainingForm,
} from './index.js';

const input = (dims: number[], name = 'x') => float32(name, dims, noise(dims.reduce((a, b) => a * b, 1)));

function build(
  shape: readonly Dim[],
  body: (g: GraphBuilder, x: Value) => Value,
  options: BuilderOptions = {},
  [from, to] = ['x', 'y'],
): Model {
  const g = new GraphBuilder(options);
  g.output(body(g, g.input(from!, 'float32', shape)), to);
  return g.build();
}

async function expectSame(before: Model, after: Model, inputs: readonly Tensor[], tolerance = 0) {
  const [a, b] = [await execute(before, inputs), await execute(after, inputs)];
  expect([...b.keys()]).toEqual([...a.keys()]);
  for (const [name, result] of a)
    expect(difference(result, b.get(name)!), name).toBeLessThanOrEqual(tolerance);
}

const parameter = (g: GraphBuilder, name: string, dims: number[], seed: number) =>
  g.parameter(
    name,
    'float32',
    dims,
    noise(
      dims.reduce((a, b) => a * b, 1),
      seed,
    ),
  );

/** Scale, bias, mean and a positive variance. */
function statistics(g: GraphBuilder, name: string, channels: number): Value[] {
  const values = (seed: number) => noise(channels, seed);
  return [
    g.parameter(`${name}.scale`, 'float32', [channels], values(11)),
    g.parameter(`${name}.bias`, 'float32', [channels], values(12)),
    g.parameter(`${name}.mean`, 'float32', [channels], values(13)),
    g.parameter(
      `${name}.var`,
      'float32',
      [channels],
      values(14).map((v) => v * v + 0.1),
    ),
  ];
}

/** conv → relu (`features`) → pool → flatten → gemm (`y`) */
function network(options: BuilderOptions = {}): Model {
  const g = new GraphBuilder(options);
  const x = g.input('x', 'float32', ['N', 3, 8, 8]);
  const conv = g.op('Conv', [x, parameter(g, 'conv.w', [4, 3, 3, 3], 1)], {}, { name: 'conv' });
  const features = g.op('Relu', [conv], {}, { name: 'features' });
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [features])], {}, { name: 'pooled' });
  g.output(g.op('Gemm', [pooled, parameter(g, 'head.w', [4, 2], 2)]), 'y');
  return g.build();
}

/** y = relu(x) where a constant says so, else x · w: a branch that captures two values from outside. */
function branching(): Model {
  const branch = (body: ReturnType<typeof node>): Graph => ({
    name: body.op,
    nodes: [body],
    inputs: [],
    outputs: [{ name: body.outputs[0]!, type: { dtype: 'float32', shape: undefined } }],
    initializers: new Map(),
    valueInfo: new Map(),
  });
  const model = build([2], (g, x) => {
    const w = parameter(g, 'w', [2], 3);
    const negated = g.op('Neg', [x], {}, { name: 'negated' });
    return g.op('Add', [g.op('Sub', [negated, w]), g.op('Abs', [x], {}, { name: 'unneeded' })]);
  });
  const { graph } = model;
  const chosen = node('If', ['condition'], ['y'], {
    then_branch: branch(node('Relu', ['negated'], ['inner'])),
    else_branch: branch(node('Mul', ['negated', 'w'], ['other'])),
  });
  return {
    ...model,
    graph: {
      ...graph,
      nodes: [...graph.nodes.filter((n) => n.op === 'Neg' || n.op === 'Abs'), chosen],
      inputs: [...graph.inputs, { name: 'condition', type: { dtype: 'bool', shape: [] } }],
      valueInfo: new Map(),
    },
  };
}

const condition = (value: number) => tensor('condition', 'bool', [], [value]);

describe('cut', () => {
  it('ends at an inner value and drops what comes after', async () => {
    const backbone = cut(network(), { outputs: ['features'] });
    expect(backbone.graph.nodes.map((n) => n.op)).toEqual(['Conv', 'Relu']);
    expect([...backbone.graph.initializers.keys()]).toEqual(['conv.w']);
    expect(backbone.graph.outputs[0]!.type).toEqual({ dtype: 'float32', shape: ['N', 4, 6, 6] });
    expect((await execute(backbone, [input([2, 3, 8, 8])])).get('features')!.dims).toEqual([2, 4, 6, 6]);
  });

  it('splits a model in two that compute the same one after the other', async () => {
    const whole = network();
    const front = cut(whole, { outputs: ['features'] });
    const back = cut(whole, { inputs: ['features'], outputs: ['y'] });
    expect(back.graph.inputs).toEqual(front.graph.outputs);
    await expectSame(whole, append(front, back, { features: 'features' }), [input([2, 3, 8, 8])]);
  });

  it('infers the types that the file does not state', () => {
    const whole = network();
    const bare = { ...whole, graph: { ...whole.graph, valueInfo: new Map() } };
    expect(cut(bare, { outputs: ['pooled'] }).graph.outputs).toEqual([
      { name: 'pooled', type: { dtype: 'float32', shape: ['N', 4] } },
    ]);
  });

  it('refuses values that are missing and starts that do not suffice', () => {
    expect(() => cut(network(), { outputs: ['nowhere'] })).toThrow("Graph 'graph' has no value 'nowhere'");
    expect(() => cut(network(), { inputs: ['features'], outputs: ['conv'] })).toThrow(
      "The outputs conv depend on input 'x', which is not among features",
    );
  });

  it('starts at one output of a node whose other output is needed', async () => {
    const model = build([1, 4], (g, x) => {
      const [a, b] = g.ops('Split', 2, [x], { axis: 1, num_outputs: 2 }, { name: 'part' });
      return g.op('Sub', [a, b]);
    });
    const later = cut(model, { inputs: ['x', 'part'], outputs: ['y'] });
    const results = await execute(later, [
      float32('x', [1, 4], [1, 2, 3, 4]),
      float32('part', [1, 2], [10, 20]),
    ]);
    expect([...(results.get('y')!.values as Float32Array)]).toEqual([7, 16]);
  });
});

describe('subgraphs', () => {
  it.each<[string, (m: Model) => Model]>([
    ['removeUnused', removeUnused],
    ['cut', (m) => cut(m, { outputs: ['y'] })],
    ['rename of captured values', (m) => rename(m, { negated: 'turned', w: 'factor' })],
    ['foldBatchNorm', foldBatchNorm],
    ['toFloat16', toFloat16],
    ['toInt8Weights', toInt8Weights],
    ['a round trip', (m) => readModel(writeModel(m))],
  ])('keep what they capture through %s', async (_, operation) => {
    const before = branching();
    const after = operation(before);
    for (const c of [0, 1]) await expectSame(before, after, [input([2]), condition(c)]);
  });

  it('are not reasons to keep what nothing reads', () => {
    expect(removeUnused(branching()).graph.nodes.map((n) => n.op)).toEqual(['Neg', 'If']);
  });

  it('step aside when a model of the same names is appended', async () => {
    const head = build(
      [2],
      (g, x) => g.op('Mul', [g.op('Neg', [x], {}, { name: 'inner' }), g.scalar(3)]),
      {},
      ['w', 'z'],
    );
    const both = append(branching(), head, { w: 'y' });
    const reference = await execute(branching(), [input([2]), condition(0)]);
    const results = await execute(both, [input([2]), condition(0)]);
    const expected = Array.from(reference.get('y')!.values as Float32Array, (v) => Math.fround(-3 * v));
    expect([...(results.get('z')!.values as Float32Array)]).toEqual(expected);
  });
});

describe('append', () => {
  const double = (options: BuilderOptions = {}) =>
    build(['N', 2], (g, x) => g.op('Mul', [x, g.scalar(2)], {}, { name: 'conv' }), options, ['in', 'out']);

  it('keeps the names of the interface where inner ones collide', async () => {
    const both = append(network(), double(), { in: 'y' });
    expect(both.graph.inputs.map((i) => i.name)).toEqual(['x']);
    expect(both.graph.outputs.map((o) => o.name)).toEqual(['out']);
    const x = [input([2, 3, 8, 8])];
    const [before, after] = [await execute(network(), x), await execute(both, x)];
    const expected = Array.from(before.get('y')!.values as Float32Array, (v) => 2 * v);
    expect([...(after.get('out')!.values as Float32Array)]).toEqual(expected);
  });

  it('lets an inner value give way to an output of the second model', async () => {
    const both = append(network(), rename(double(), { out: 'features' }), { in: 'y' });
    expect(both.graph.outputs.map((o) => o.name)).toEqual(['features']);
    expect((await execute(both, [input([2, 3, 8, 8])])).get('features')!.dims).toEqual([2, 2]);
  });

  it('appends a model to itself', async () => {
    const twice = append(double(), rename(double(), { out: 'end' }), { in: 'out' });
    const results = await execute(twice, [float32('in', [1, 2], [1, 2])]);
    expect([...results].map(([name, r]) => [name, ...(r.values as Float32Array)])).toEqual([['end', 4, 8]]);
  });

  it('keeps outputs that feed nothing, and metadata of both', () => {
    const g = GraphBuilder.from(network());
    g.output(g.value('features'));
    g.output(g.value('pooled'));
    const model = withMetadata(g.build(), 'a', '1');
    const both = append(model, withMetadata(double(), 'b', '2'), {});
    expect(both.graph.inputs.map((i) => i.name)).toEqual(['x', 'in']);
    expect(both.graph.outputs.map((o) => o.name)).toEqual(['out', 'features', 'pooled']);
    expect([...both.metadata].sort()).toEqual([
      ['a', '1'],
      ['b', '2'],
    ]);
  });

  it('refuses what does not fit', () => {
    expect(() => append(network(), double(), { nowhere: 'y' })).toThrow("has no input 'nowhere'");
    expect(() => append(network(), double(), { in: 'nowhere' })).toThrow("has no output 'nowhere'");
    expect(() => append(double(), network(), { x: 'out' })).toThrow(
      "Output 'out', float32 [N, 2], does not fit input 'x', float32 [N, 3, 8, 8]",
    );
    expect(() => append(network(), double({ opset: 17 }), { in: 'y' })).toThrow(
      "The models are written in versions 20 and 17 of operator set 'ai.onnx'",
    );
    expect(() => append(double(), double(), {})).toThrow(
      "Both models use the name 'in' for an input or an output",
    );
  });
});

describe('rename', () => {
  it('renames inputs, outputs, weights and inner values', async () => {
    const model = rename(network(), { x: 'image', y: 'logits', 'conv.w': 'kernel', features: 'x' });
    expect(model.graph.valueInfo.has('x')).toBe(true);
    const [before, after] = [
      await execute(network(), [input([1, 3, 8, 8])]),
      await execute(model, [input([1, 3, 8, 8], 'image')]),
    ];
    expect(difference(before.get('y')!, after.get('logits')!)).toBe(0);
  });

  it('refuses names that are missing or taken', () => {
    expect(() => rename(network(), { z: 'a' })).toThrow("Graph 'graph' has no value 'z'");
    expect(() => rename(network(), { x: 'y' })).toThrow("Graph 'graph' has a value 'y' already");
  });
});

describe('foldBatchNorm', () => {
  const norm = (g: GraphBuilder, x: Value) =>
    g.op('BatchNormalization', [x, ...statistics(g, `bn${x.name}`, x.size(1))], { epsilon: 1e-3 });
  const conv = (g: GraphBuilder, x: Value, w: number[], group = 1, bias = false) =>
    g.op('Conv', [x, parameter(g, `w${x.name}`, w, 1), bias ? parameter(g, 'b', [w[0]!], 2) : undefined], {
      group,
    });
  const channels = (g: GraphBuilder, n: number, seed: number) =>
    g.constant(float32('', [n, 1, 1], noise(n, seed)));

  it.each<[string, Dim[], string[], (g: GraphBuilder, x: Value) => Value]>([
    ['a convolution', ['N', 3, 6, 6], ['Conv'], (g, x) => norm(g, conv(g, x, [4, 3, 3, 3]))],
    [
      'a convolution with bias',
      ['N', 3, 6, 6],
      ['Conv'],
      (g, x) => norm(g, conv(g, x, [4, 3, 1, 1], 1, true)),
    ],
    ['a grouped convolution', ['N', 4, 6, 6], ['Conv'], (g, x) => norm(g, conv(g, x, [6, 2, 3, 3], 2))],
    ['a depthwise convolution', ['N', 4, 6, 6], ['Conv'], (g, x) => norm(g, conv(g, x, [4, 1, 3, 3], 4))],
    ['a convolution of one axis', ['N', 3, 6], ['Conv'], (g, x) => norm(g, conv(g, x, [4, 3, 3]))],
    ['two in a row', ['N', 3, 6, 6], ['Conv'], (g, x) => norm(g, norm(g, conv(g, x, [4, 3, 3, 3])))],
    [
      'factors and addends',
      ['N', 3, 6, 6],
      ['Conv'],
      (g, x) => {
        const scaled = g.op('Mul', [channels(g, 4, 5), conv(g, x, [4, 3, 1, 1])]);
        const shifted = g.op('Sub', [g.op('Add', [scaled, channels(g, 4, 6)]), g.scalar(0.5)]);
        return g.op('Div', [shifted, g.scalar(3)]);
      },
    ],
    [
      'Gemm, its beta too',
      ['N', 3],
      ['Gemm'],
      (g, x) => {
        const inputs = [x, parameter(g, 'w', [3, 4], 1), parameter(g, 'c', [4], 2)];
        return norm(g, g.op('Gemm', inputs, { alpha: 2, beta: 3 }));
      },
    ],
    [
      'Gemm transposed, one addend for all',
      ['N', 3],
      ['Gemm'],
      (g, x) => norm(g, g.op('Gemm', [x, parameter(g, 'w', [4, 3], 1), g.scalar(2)], { transB: 1 })),
    ],
    [
      'MatMul and its bias',
      ['N', 3],
      ['Gemm'],
      (g, x) =>
        norm(g, g.op('Add', [g.op('MatMul', [x, parameter(g, 'w', [3, 4], 1)]), parameter(g, 'b', [4], 2)])),
    ],
    [
      'the products after it',
      ['N', 3],
      ['Gemm', 'Gemm', 'Gemm', 'Sum'],
      (g, x) => {
        const y = norm(g, x);
        const whole = { alpha: 2, beta: 3, transB: 1 };
        return g.op('Sum', [
          g.op('Gemm', [y, parameter(g, 'w', [4, 3], 1), parameter(g, 'c', [4], 2)], whole),
          g.op('Gemm', [y, parameter(g, 'v', [3, 4], 3)]),
          g.op('MatMul', [y, parameter(g, 'u', [3, 4], 4)]),
        ]);
      },
    ],
  ])('folds into %s', async (_, shape, ops, body) => {
    const before = build(shape, body);
    const after = foldBatchNorm(before);
    expect(after.graph.nodes.map((n) => n.op)).toEqual(ops);
    await expectSame(before, after, [input([2, ...(shape.slice(1) as number[])])], 2e-5);
  });

  it.each<[string, string[], (g: GraphBuilder, x: Value) => Value]>([
    [
      'a value that is read elsewhere',
      ['Conv', 'BatchNormalization', 'Add'],
      (g, x) => {
        const y = conv(g, x, [3, 3, 1, 1]);
        return g.op('Add', [norm(g, y), y]);
      },
    ],
    [
      'a constant that is not per channel',
      ['Conv', 'Mul'],
      (g, x) => g.op('Mul', [conv(g, x, [6, 3, 1, 1]), g.constant(float32('', [6], noise(6)))]),
    ],
    [
      'a constant that enlarges the result',
      ['Conv', 'Add'],
      (g, x) => g.op('Add', [conv(g, x, [3, 3, 1, 1]), g.constant(float32('', [2, 1, 1, 1, 1], noise(2)))]),
    ],
    [
      'the training form',
      ['Conv', 'BatchNormalization'],
      (g, x) => {
        const y = conv(g, x, [3, 3, 1, 1]);
        return g.ops('BatchNormalization', 3, [y, ...statistics(g, 'bn', 3)], { training_mode: 1 })[0];
      },
    ],
  ])('leaves alone %s', async (_, ops, body) => {
    const before = build([2, 3, 6, 6], body);
    const after = foldBatchNorm(before);
    expect(after.graph.nodes.map((n) => n.op)).toEqual(ops);
    await expectSame(before, after, [input([2, 3, 6, 6])]);
  });

  it('leaves features unchanged that others besides products read', async () => {
    const before = build(['N', 3], (g, x) => {
      const y = norm(g, x);
      return g.op('Add', [g.op('MatMul', [y, parameter(g, 'w', [3, 3], 1)]), g.op('Relu', [y])]);
    });
    const after = foldBatchNorm(before);
    expect(after.graph.nodes.map((n) => n.op)).toContain('BatchNormalization');
    await expectSame(before, after, [input([2, 3])]);
  });

  it('keeps shared weights apart, and the value that is an output', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 3, 4, 4]);
    const w = parameter(g, 'w', [3, 3, 1, 1], 1);
    g.output(norm(g, g.op('Conv', [x, w])), 'normed');
    g.output(g.op('Conv', [x, w]), 'plain');
    const before = g.build();
    await expectSame(before, foldBatchNorm(before), [input([1, 3, 4, 4])], 2e-5);
    const h = GraphBuilder.from(before);
    h.output(h.value('Conv'));
    h.output(h.value('normed'));
    expect(foldBatchNorm(h.build()).graph.nodes.map((n) => n.op)).toEqual(['Conv', 'BatchNormalization']);
  });
});

describe('toFloat16', () => {
  const twoLayers = () =>
    build(['N', 20], (g, x) => {
      const first = g.op('Gemm', [x, parameter(g, 'w1', [20, 20], 1), parameter(g, 'b1', [20], 2)]);
      const second = g.op('Gemm', [first, parameter(g, 'w2', [20, 20], 1)]);
      return g.op('MatMul', [second, g.op('Constant', [], { value: float32('', [20, 16], noise(320, 4)) })]);
    });

  it('halves the weights, stores equal ones once, and computes in float32', async () => {
    const before = twoLayers();
    const after = toFloat16(before);
    const stored = [...after.graph.initializers.values()];
    expect(stored.map((t) => [t.dtype, ...t.dims])).toEqual([
      ['float16', 20, 20],
      ['float32', 20],
      ['float16', 20, 16],
    ]);
    expect(writeModel(after).length).toBeLessThan(0.45 * writeModel(before).length);
    expect(after.graph.inputs).toEqual(before.graph.inputs);
    // Weights in -1..1 are off by 2^-12 at most.
    await expectSame(before, after, [input([2, 20])], 0.02);
    expect(toFloat16(after)).toEqual(after);
  });

  it('gives exactly what the rounded weights give', async () => {
    const rounded = (m: Model): Model => toFloat16(m);
    const once = rounded(twoLayers());
    const x = [input([2, 20])];
    const [plain, optimized] = [await execute(once, x, false), await execute(once, x, true)];
    expect(difference(plain.get('y')!, optimized.get('y')!)).toBeLessThan(1e-5);
  });

  it('leaves weights that float16 cannot hold', () => {
    const large = build(['N', 16], (g, x) =>
      g.op('Mul', [x, g.constant(float32('', [16, 16], new Float32Array(256).fill(70000)))]),
    );
    expect([...toFloat16(large).graph.initializers.values()][0]!.dtype).toBe('float32');
  });
});

describe('toInt8Weights', () => {
  /** Rows that differ in size by far, then columns that do. */
  const twoLayers = () =>
    build(['N', 40], (g, x) => {
      const graded = (by: (row: number, column: number) => number) =>
        noise(1600, 3).map((v, i) => v * 10 ** -(by(Math.floor(i / 40), i % 40) % 4));
      const rows = g.constant(
        float32(
          '',
          [40, 40],
          graded((row) => row),
        ),
      );
      const first = g.op('Gemm', [x, rows, parameter(g, 'b', [40], 2)], { transB: 1 });
      return g.op('MatMul', [
        first,
        g.constant(
          float32(
            '',
            [40, 40],
            graded((_, column) => column),
          ),
        ),
      ]);
    });

  const weightOf = (t: Tensor) => ({ dtype: t.dtype, dims: t.dims, values: float32Values(t) });

  it('stores a quarter of the bytes, scaled along the axis with the smaller error', async () => {
    const before = twoLayers();
    const after = toInt8Weights(before);
    const stored = [...after.graph.initializers.values()];
    expect(stored.map((t) => [t.dtype, ...t.dims]).sort()).toEqual([
      ['float32', 1, 40],
      ['float32', 40],
      ['float32', 40, 1],
      ['int8', 40, 40],
      ['int8', 40, 40],
    ]);
    expect(writeModel(after).length).toBeLessThan(0.4 * writeModel(before).length);
    const plain = plainConstants(after).graph;
    expect(plain.nodes.map(({ op }) => op)).toEqual(['Gemm', 'MatMul']);
    for (const [name, weight] of before.graph.initializers) {
      // At most half a step of 1/127 of a channel's largest weight, which is at most 1.
      expect(difference(weightOf(weight), weightOf(plain.initializers.get(name)!)), name).toBeLessThanOrEqual(
        0.5 / 127 + 1e-6,
      );
    }
    const x = [input([2, 40])];
    await expectSame({ ...after, graph: plain }, after, x, 1e-5);
    await expectSame(before, after, x, 0.2);
    expect(toInt8Weights(after)).toEqual(after);
  });

  it.for([
    ['small', float32('', [16, 16], noise(256))],
    ['infinite', float32('', [16, 64], new Float32Array(1024).fill(Number.POSITIVE_INFINITY))],
  ] as const)('leaves %s weights', ([, weight]) => {
    const model = build(['N', 16], (g, x) => g.op('MatMul', [x, g.constant(weight)]));
    expect([...toInt8Weights(model).graph.initializers.values()].map((t) => t.dtype)).toEqual(['float32']);
  });

  it('is read as constants where the scales are stored as float16', async () => {
    const wide = build(['N', 40], (g, x) =>
      g.op('MatMul', [x, g.constant(float32('', [40, 256], noise(10240)))]),
    );
    const after = toFloat16(toInt8Weights(wide));
    expect([...after.graph.initializers.values()].map((t) => t.dtype).sort()).toEqual(['float16', 'int8']);
    const plain = plainConstants(after);
    expect(plain.graph.nodes.map(({ op }) => op)).toEqual(['MatMul']);
    await expectSame(plain, after, [input([2, 40])], 1e-5);
  });

  it('keeps channels of zeros', async () => {
    const zeros = build(['N', 32], (g, x) =>
      g.op('MatMul', [x, g.constant(float32('', [32, 32], new Float32Array(1024)))]),
    );
    await expectSame(zeros, toInt8Weights(zeros), [input([2, 32])]);
  });
});

describe('batches', () => {
  it('are fixed and freed again, the types of all values with them', async () => {
    const fixed = fixedBatch(network(), 2);
    expect(fixed.graph.inputs[0]!.type!.shape).toEqual([2, 3, 8, 8]);
    expect(fixed.graph.outputs[0]!.type!.shape).toEqual([2, 2]);
    expect(fixed.graph.valueInfo.get('features')!.type!.shape).toEqual([2, 4, 6, 6]);
    await expectSame(network(), fixed, [input([2, 3, 8, 8])]);
    expect(dynamicBatch(fixed, 'N')).toEqual(network());
    expect(() => fixedBatch(network(), 0)).toThrow('A batch has 1 sample or more, found 0');
  });

  it('cannot be freed if a size is built in', () => {
    const stuck = build([1, 2, 3], (g, x) => g.reshape(x, [1, 6]));
    expect(() => dynamicBatch(stuck)).toThrow("Output 'y', [1, 6], does not follow the batch of the inputs");
  });
});

describe('a detector of another exporter', () => {
  const path = '../shared/reference/yunet/yunet_n_dynamic.onnx';
  it.for<[string, (m: Model) => Model, number]>([
    ['removeUnused', removeUnused, 0],
    ['foldBatchNorm', foldBatchNorm, 1e-4],
    [
      'cut and append',
      (m) => {
        const inner = m.graph.nodes.find((n) => n.op === 'MaxPool')!.inputs[0]!;
        const outputs = m.graph.outputs.map((o) => o.name);
        return append(cut(m, { outputs: [inner] }), cut(m, { inputs: [inner], outputs }), { [inner]: inner });
      },
      0,
    ],
    ['fixedBatch', (m) => fixedBatch(m, 1), 0],
    ['toFloat16', toFloat16, 0.05],
  ])('computes the same after %s', async ([, operation, tolerance], { skip }) => {
    if (!existsSync(path)) skip(`${path} is not here`);
    const model = readModel(new Uint8Array(readFileSync(path)));
    const name = model.graph.inputs[0]!.name;
    const x = float32(
      name,
      [1, 3, 64, 64],
      noise(3 * 64 * 64).map((v) => 128 * v),
    );
    await expectSame(model, operation(model), [x], tolerance);
  });
});

describe("ONNX's own domain", () => {
  /** The model with the domain's other name wherever the short one stands. */
  function spelledOut(model: Model): Model {
    const nodes = model.graph.nodes.map((n) => ({ ...n, domain: n.domain || 'ai.onnx' }));
    const opsets = new Map([...model.opsets].map(([domain, version]) => [domain || 'ai.onnx', version]));
    return { ...model, opsets, graph: { ...model.graph, nodes } };
  }

  const model = build([1, 3, 8, 8], (g, x) => {
    const weights = g.constant(float32('', [6, 3, 3, 3], noise(162)));
    const per = g.constant(float32('', [6], [1, 2, 3, 4, 5, 6]));
    const conv = g.op('Conv', [x, weights], { pads: [1, 1, 1, 1] });
    const normal = g.op('BatchNormalization', [conv, per, per, per, per]);
    const padded = g.op('Pad', [normal, g.ints([0, 0, 1, 1, 0, 0, 1, 1])]);
    const pooled = g.op('MaxPool', [padded], { kernel_shape: [3, 3], strides: [2, 2] });
    return g.op('Conv', [
      g.op('Clip', [pooled, g.scalar(0), g.scalar(6)]),
      g.constant(float32('', [2, 6, 1, 1], noise(12))),
    ]);
  });
  const ranges = new Map(activationsToCalibrate(model).map((name) => [name, { low: -3, high: 3 }]));

  it.each<[string, (m: Model) => Model]>([
    ['folds', foldBatchNorm],
    ['trains', trainingForm],
    ['aligns channels', (m) => alignChannels(m, 8)],
    ['keeps zero padding', keepZeroPadding],
    ['quantizes', (m) => quantize(m, ranges)],
    [
      'appends',
      (m) =>
        append(
          m,
          build([1, 2, 4, 4], (g, x) => g.op('Relu', [x]), {}, ['y', 'z']),
          { y: 'y' },
        ),
    ],
  ])('%s by either of its names', (_, change) => {
    const [plain, other] = [change(model), change(spelledOut(model))];
    expect(plain).not.toEqual(model);
    expect(spelledOut(other)).toEqual(spelledOut(plain));
  });
});
