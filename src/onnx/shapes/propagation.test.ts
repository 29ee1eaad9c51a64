import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { execute, executeBytes, noise } from '../../../test/support/execute.js';
import { GraphBuilder } from '../builder.js';
import { readModel } from '../codec/index.js';
import { ShapeError } from '../errors.js';
import type { Dim, Graph, Model } from '../graph.js';
import { node } from '../node.js';
import { float32, int64s, tensor } from '../tensor.js';
import { inferTypes } from './index.js';

const start = (shape: readonly Dim[] = ['N', 3, 'H', 8]) => {
  const g = new GraphBuilder();
  return { g, x: g.input('x', 'float32', shape) };
};

describe('known values', () => {
  it('follow Shape → Gather → Unsqueeze → Concat → Reshape, as exporters flatten', () => {
    const { g, x } = start(['N', 3, 4, 8]);
    const n = g.op('Gather', [g.op('Shape', [x]), g.scalar(0, 'int64')], { axis: 0 });
    const shape = g.op('Concat', [g.op('Unsqueeze', [n, g.ints([0])]), g.ints([-1])], { axis: 0 });
    expect(g.op('Reshape', [x, shape]).shape).toEqual(['N', 96]);
  });

  it('follow a slice of the shape, arithmetic and casts into Resize', () => {
    const { g, x } = start(['N', 3, 5, 'W']);
    const all = g.op('Shape', [x]);
    const spatial = g.op('Cast', [g.op('Slice', [all, g.ints([2]), g.ints([4])])], { to: 'float32' });
    const doubled = g.op('Mul', [spatial, g.constant(float32('', [2], [1.5, 1]))]);
    const sizes = g.op('Cast', [doubled], { to: 'int64' });
    const full = g.op('Concat', [g.op('Slice', [all, g.ints([0]), g.ints([2])]), sizes], { axis: 0 });
    const y = g.op('Resize', [x, undefined, undefined, full]);
    expect(y.shape).toEqual(['N', 3, 7, 'W']);
  });

  it('follow Where(shape = -1) into Expand', () => {
    const { g, x } = start([1, 3]);
    const wanted = g.ints([4, -1]);
    const ones = g.op('ConstantOfShape', [g.ints([2])], { value: tensor('', 'int64', [1], [1]) });
    const open = g.op('Equal', [wanted, g.op('Mul', [ones, g.scalar(-1, 'int64')])]);
    expect(g.op('Expand', [x, g.op('Where', [open, ones, wanted])]).shape).toEqual([4, 3]);
  });

  it('cancel names on both sides of a reshape', () => {
    const { g, x } = start(['N', 'S', 6]);
    const size = (i: number) => g.op('Gather', [g.op('Shape', [x]), g.ints([i])]);
    const heads = g.op('Concat', [size(0), size(1), g.ints([2, -1])], { axis: 0 });
    const y = g.op('Reshape', [x, heads]);
    expect(y.shape).toEqual(['N', 'S', 2, 3]);
    expect(g.op('Transpose', [y], { perm: [0, 2, 1, 3] }).shape).toEqual(['N', 2, 'S', 3]);
    expect(g.reshape(x, [-1, 6]).shape).toEqual([null, 6]);
  });
});

describe('names of dimensions', () => {
  it('stay where equal names meet, and give way to numbers', () => {
    const { g, x } = start(['N', 4]);
    const other = g.input('other', 'float32', ['N', 1]);
    const fixed = g.input('fixed', 'float32', [7, 4]);
    const stranger = g.input('stranger', 'float32', ['M', 4]);
    expect(g.op('Add', [x, other]).shape).toEqual(['N', 4]);
    expect(g.op('Add', [x, fixed]).shape).toEqual([7, 4]);
    expect(g.op('Add', [x, stranger]).shape).toEqual([null, 4]);
    expect(g.op('Concat', [x, stranger], { axis: 1 }).shape).toEqual(['N', 8]);
    expect(g.op('Concat', [x, stranger], { axis: 0 }).shape).toEqual([null, 4]);
  });

  it('pass a convolution that keeps the size', () => {
    const { g, x } = start();
    const w = g.parameter('w', 'float32', [5, 3, 3, 3], noise(135));
    expect(g.op('Conv', [x, w], { pads: [1, 1, 1, 1] }).shape).toEqual(['N', 5, 'H', 8]);
    expect(g.op('Conv', [x, w]).shape).toEqual(['N', 5, null, 6]);
  });
});

describe('contradictions', () => {
  type Case = [string, (g: GraphBuilder) => unknown, string];
  const f = (g: GraphBuilder, ...shape: Dim[]) => g.input(`i${Math.random()}`, 'float32', shape);
  it.each<Case>([
    [
      'broadcast',
      (g) => g.op('Add', [f(g, 2, 3), f(g, 2, 4)]),
      "Add 'Add': shapes [2, 3] and [2, 4] do not broadcast",
    ],
    ['types', (g) => g.op('Mul', [f(g, 2), g.ints([1, 2])]), 'inputs of types float32 and int64 do not mix'],
    ['matrix', (g) => g.op('MatMul', [f(g, 2, 3), f(g, 4, 5)]), 'inner sizes of [2, 3] and [4, 5] differ'],
    ['addend', (g) => g.op('Gemm', [f(g, 1, 3), f(g, 3, 5), f(g, 2, 5)]), 'an addend of [2, 5] does not fit'],
    ['reshape', (g) => g.reshape(f(g, 2, 3), [4, -1]), '[2, 3] cannot be reshaped to [4, -1]'],
    ['count', (g) => g.reshape(f(g, 2, 3), [5]), '[2, 3] of 6 elements cannot be reshaped to [5] of 5'],
    ['concat', (g) => g.op('Concat', [f(g, 2, 3), f(g, 3, 3)], { axis: 1 }), 'inputs differ beside axis 1'],
    ['axis', (g) => g.op('Softmax', [f(g, 2)], { axis: 1 }), 'axis 1 is outside 1 dimensions'],
    [
      'window',
      (g) => g.op('MaxPool', [f(g, 1, 1, 2, 2)], { kernel_shape: [3, 3] }),
      'a window of 3 is larger',
    ],
    ['squeeze', (g) => g.op('Squeeze', [f(g, 2, 1), g.ints([0])]), 'axis 0 of [2, 1] is not of size 1'],
    ['index', (g) => g.op('Gather', [f(g, 2), g.ints([2])]), 'index 2 is outside axis 0 of [2]'],
    ['perm', (g) => g.op('Transpose', [f(g, 2, 2)], { perm: [0, 0] }), 'does not order the axes'],
    ['split', (g) => g.op('Split', [f(g, 4), g.ints([3])]), 'parts of [3] do not make up axis 0 of [4]'],
    [
      'norm',
      (g) => g.op('InstanceNormalization', [f(g, 1, 3, 2), f(g, 2), f(g, 2)]),
      'does not fit 3 channels',
    ],
    ['bias', (g) => g.op('Conv', [f(g, 1, 3, 2), f(g, 4, 3, 1), f(g, 3)]), 'a bias of [3] does not fit 4'],
  ])('of %s are errors', (_, build, message) => {
    const g = new GraphBuilder();
    expect(() => build(g)).toThrow(ShapeError);
    expect(() => build(new GraphBuilder())).toThrow(message);
  });
});

describe('inferTypes', () => {
  const model = (graph: Partial<Graph>): Model => ({
    irVersion: 8,
    opsets: new Map([['', 17]]),
    metadata: new Map(),
    producerName: '',
    producerVersion: '',
    graph: {
      name: 'g',
      nodes: [],
      inputs: [],
      outputs: [],
      initializers: new Map(),
      valueInfo: new Map(),
      ...graph,
    },
  });
  const info = (name: string, shape: Dim[]) => ({ name, type: { dtype: 'float32', shape } as const });

  it('looks into branches, which see the values around them', () => {
    const branch = (op: string): Graph =>
      model({ nodes: [node(op, ['x'], [`${op}.y`])], outputs: [{ name: `${op}.y`, type: undefined }] }).graph;
    const types = inferTypes(
      model({
        inputs: [info('x', ['N', 3])],
        initializers: new Map([['c', tensor('c', 'bool', [], [1])]]),
        nodes: [
          node('If', ['c'], ['same'], { then_branch: branch('Relu'), else_branch: branch('Neg') }),
          node('If', ['c'], ['differs'], { then_branch: branch('Relu'), else_branch: branch('Transpose') }),
        ],
      }),
    );
    expect(types.get('same')).toEqual({ dtype: 'float32', shape: ['N', 3] });
    expect(types.get('differs')).toEqual({ dtype: 'float32', shape: [null, null] });
  });

  it('looks into loops: carried values keep what holds in every turn, others are stacked', async () => {
    const boolean = (name: string) => ({ name, type: { dtype: 'bool', shape: [] } as const });
    const body = model({
      inputs: [
        { name: 'turn', type: { dtype: 'int64', shape: [] } },
        boolean('go'),
        { name: 'sum', type: undefined },
        { name: 'list', type: undefined },
      ],
      nodes: [
        node('Identity', ['go'], ['still']),
        node('Add', ['sum', 'x'], ['next']),
        node('Concat', ['list', 'x'], ['longer'], { axis: 0 }),
        node('Neg', ['x'], ['each']),
      ],
      outputs: [boolean('still'), ...['next', 'longer', 'each'].map((name) => info(name, []))].map((o) => ({
        name: o.name,
        type: { dtype: o.type.dtype, shape: undefined },
      })),
    }).graph;
    const names = ['total', 'joined', 'stacked'];
    const looping = model({
      inputs: [info('x', [2])],
      initializers: new Map([
        ['turns', tensor('turns', 'int64', [], [3])],
        ['yes', tensor('yes', 'bool', [], [1])],
      ]),
      nodes: [node('Loop', ['turns', 'yes', 'x', 'x'], names, { body })],
      outputs: names.map((name) => ({ name, type: { dtype: 'float32', shape: undefined } })),
    });
    const types = inferTypes(looping);
    const results = await execute(looping, [float32('x', [2], [1, 2])]);
    expect(names.map((name) => results.get(name)!.dims)).toEqual([[2], [8], [3, 2]]);
    for (const name of names) {
      const claimed = types.get(name);
      const { dims } = results.get(name)!;
      expect(claimed?.dtype ?? 'float32').toBe('float32');
      for (const [i, d] of (claimed?.shape ?? []).entries()) expect([null, dims[i]]).toContain(d);
    }
    expect(types.get('stacked')!.shape).toEqual([null, 2]);
  });

  it('takes what the file states if it cannot infer, and never an older size against an inferred one', () => {
    const types = inferTypes(
      model({
        inputs: [info('x', ['N', 3])],
        nodes: [
          node('Mystery', ['x'], ['m'], {}, 'com.example'),
          node('Relu', ['m'], ['r']),
          node('Relu', ['x'], ['s']),
          node('Mystery', ['x'], ['unknown'], {}, 'com.example'),
        ],
        valueInfo: new Map([
          ['m', info('m', ['N', 5])],
          ['s', info('s', [1, 3])],
        ]),
      }),
    );
    expect(types.get('r')!.shape).toEqual(['N', 5]);
    expect(types.get('s')!.shape).toEqual(['N', 3]);
    expect(types.has('unknown')).toBe(false);
  });

  it('does not trust the elements of a constant that an input may replace', () => {
    const types = inferTypes(
      model({
        inputs: [info('x', [6]), { name: 'shape', type: { dtype: 'int64', shape: [2] } }],
        initializers: new Map([['shape', int64s('shape', [2, 3])]]),
        nodes: [node('Reshape', ['x', 'shape'], ['y'])],
      }),
    );
    expect(types.get('y')!.shape).toEqual([null, null]);
  });

  it('agrees with a run of a detector written by another exporter', async ({ skip }) => {
    const path = '../shared/reference/yunet/yunet_n_dynamic.onnx';
    if (!existsSync(path)) skip(`${path} is not here`);
    const bytes = new Uint8Array(readFileSync(path));
    const read = readModel(bytes);
    const input = { ...read.graph.inputs[0]!, type: { dtype: 'float32', shape: [1, 3, 64, 96] } as const };
    const bare = { ...read.graph, inputs: [input], valueInfo: new Map() };
    const outputs = bare.outputs.map((o) => ({ name: o.name, type: undefined }));
    const types = inferTypes({ ...read, graph: { ...bare, outputs } });
    const results = await executeBytes(bytes, [float32(input.name, [1, 3, 64, 96], noise(3 * 64 * 96))]);
    expect(results.size).toBe(12);
    for (const [name, { dims }] of results) expect(types.get(name)!.shape, name).toEqual(dims);
  });
});
