import { describe, expect, it } from 'vitest';
import { execute, noise } from '../../test/support/execute.js';
import { intsAttribute, stringAttribute } from './attributes.js';
import { GraphBuilder } from './builder.js';
import { readModel, writeModel } from './codec/index.js';
import { ShapeError } from './errors.js';
import { registerShapeRule } from './shapes/index.js';
import { float32, tensor } from './tensor.js';

function convolution(g: GraphBuilder, channels = 3) {
  const x = g.input('x', 'float32', ['N', 3, 8, 8]);
  const w = g.parameter('weight', 'float32', [4, channels, 3, 3], noise(4 * channels * 9));
  return g.op('Conv', [x, w], { strides: [2, 2], pads: [1, 1, 1, 1] });
}

describe('GraphBuilder', () => {
  it('infers shapes as operators are added, and keeps names of dimensions', () => {
    const y = convolution(new GraphBuilder());
    expect(y.dtype).toBe('float32');
    expect(y.shape).toEqual(['N', 4, 4, 4]);
    expect(y.size(1)).toBe(4);
    expect(() => y.size(0)).toThrow("Axis 0 of 'Conv', [N, 4, 4, 4], has no known size");
  });

  it('reports a contradiction if the operator is added, with operator, node and shapes', () => {
    const g = new GraphBuilder();
    const build = () => g.scope('stem', () => convolution(g, 5));
    expect(build).toThrow(ShapeError);
    const h = new GraphBuilder();
    expect(() => h.scope('stem', () => convolution(h, 5))).toThrow(
      "Conv 'stem.Conv': 3 channels of the input [N, 3, 8, 8] do not fit weights [4, 5, 3, 3] in 1 group(s)",
    );
  });

  it('builds a model that ONNX Runtime runs, with its types written down', async () => {
    const g = new GraphBuilder({ name: 'net' });
    const y = g.op('Relu', [convolution(g)]);
    g.output(g.op('Mul', [y, g.scalar(2)]), 'doubled');
    const model = g.build({ metadata: { author: 'a test' } });
    expect(model.metadata.get('author')).toBe('a test');
    expect([...model.graph.valueInfo.keys()]).toEqual(['Conv', 'Relu']);
    const x = float32('x', [2, 3, 8, 8], noise(2 * 3 * 64));
    const result = (await execute(model, [x])).get('doubled')!;
    expect(result.dims).toEqual([2, 4, 4, 4]);
    expect(Math.max(...(result.values as Float32Array))).toBeGreaterThan(0);
    expect(Math.min(...(result.values as Float32Array))).toBe(0);
  });

  it('returns the outputs of an operator as a tuple', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 6]);
    const [values, indices] = g.ops('TopK', 2, [x, g.ints([2])]);
    expect([values.shape, indices.dtype, indices.shape]).toEqual([['N', 2], 'int64', ['N', 2]]);
    const [a, b, c] = g.ops('Split', 3, [x], { axis: 1, num_outputs: 3 });
    expect([a, b, c].map((v) => v.shape)).toEqual([
      ['N', 2],
      ['N', 2],
      ['N', 2],
    ]);
    expect(new Set([a, b, c].map((v) => v.name)).size).toBe(3);
  });

  it('types attributes by operator', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [1, 3]);
    // @ts-expect-error no such attribute
    expect(() => g.op('Relu', [x], { alpha: 1 })).toThrow("Relu has no attribute 'alpha'; it has: none");
    // @ts-expect-error of another kind
    expect(() => g.op('Flatten', [x], { axis: '1' })).toThrow("'axis' of Flatten must be int, found string");
    // @ts-expect-error required
    expect(() => g.op('Concat', [x, x])).toThrow("Concat requires attribute 'axis'");
    // @ts-expect-error no such operator
    expect(() => g.op('Convolve', [x])).toThrow();
    const leaky = g.op('LeakyRelu', [x], { alpha: 1 });
    g.output(leaky);
    g.output(g.op('Cast', [x], { to: 'float16' }), 'half');
    const [first, cast] = g.build().graph.nodes;
    expect(first!.attributes.get('alpha')).toEqual({ kind: 'float', value: 1 });
    expect(cast!.attributes.get('to')).toEqual({ kind: 'int', value: 10 });
  });

  it('holds an operator to what its opset has', () => {
    const old = new GraphBuilder({ opset: 17 });
    const x = old.input('x', 'float32', [2, 3]);
    expect(old.op('ReduceMean', [x], { axes: [1] }).shape).toEqual([2, 1]);
    expect(() => old.op('Gelu', [x])).toThrow('Gelu came with opset 20; this graph is of opset 17');
    const g = new GraphBuilder();
    const y = g.input('x', 'float32', [2, 3]);
    expect(() => g.op('ReduceMean', [y], { axes: [1] })).toThrow(
      "'axes' of ReduceMean is an input since opset 18",
    );
    expect(g.op('ReduceMean', [y, g.ints([1])]).shape).toEqual([2, 1]);
    expect(() => new GraphBuilder({ opset: 9 })).toThrow(RangeError);
  });

  it('names what a scope adds after it', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 2]);
    const layer = (name: string) =>
      g.scope(name, () =>
        g.scope('fc', () => g.op('Gemm', [x, g.parameter('weight', 'float32', [2, 2], [1, 2, 3, 4])])),
      );
    g.output(g.op('Add', [layer('a'), layer('b')], {}, { name: 'sum' }));
    const { graph } = g.build();
    expect([...graph.initializers.keys()]).toEqual(['a.fc.weight', 'b.fc.weight']);
    expect(graph.nodes.map((n) => n.name)).toEqual(['a.fc.Gemm', 'b.fc.Gemm', 'sum']);
    expect(() => layer('a')).toThrow("The name 'a.fc.weight' is taken already");
  });

  it('shares equal small constants and no parameters', () => {
    const g = new GraphBuilder();
    expect(g.scalar(2)).toBe(g.scalar(2));
    expect(g.scalar(2)).not.toBe(g.scalar(2, 'float64'));
    expect(g.ints([1, 2])).not.toBe(g.constant(tensor('', 'int64', [2, 1], [1, 2])));
    expect(g.parameter('a', 'float32', [1], [0])).not.toBe(g.parameter('b', 'float32', [1], [0]));
  });

  it('leaves out what no output depends on', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N']);
    g.input('unused', 'float32', ['N']);
    g.op('Mul', [x, g.scalar(3)]);
    g.output(g.op('Relu', [x]));
    const { graph } = g.build();
    expect(graph.nodes.map((n) => n.op)).toEqual(['Relu']);
    expect(graph.initializers.size).toBe(0);
    expect(graph.inputs.map((i) => i.name)).toEqual(['x', 'unused']);
  });

  it('outputs an input, a constant, and one value under several names', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const y = g.op('Neg', [x]);
    g.output(y, 'first');
    g.output(y, 'second');
    g.output(x, 'same');
    g.output(g.scalar(7), 'seven');
    g.output(g.op('Neg', [y]));
    const results = await execute(g.build(), [float32('x', [2], [1, 2])]);
    expect([...results].map(([name, r]) => [name, ...Array.from(r.values, Number)])).toEqual([
      ['first', -1, -2],
      ['second', -1, -2],
      ['same', 1, 2],
      ['seven', 7],
      ['Neg_2', 1, 2],
    ]);
    expect(() => g.output(x, 'first')).toThrow("The name 'first' is taken already");
  });

  it('takes operators of other domains: typed, by a registered rule, or with stated types', () => {
    const g = new GraphBuilder();
    const a = g.input('a', 'float32', [4, 'N']);
    const b = g.input('b', 'float32', [4, 5]);
    const y = g.op('com.microsoft.FusedMatMul', [a, b], { transA: 1, alpha: 2 });
    expect(y.shape).toEqual(['N', 5]);
    registerShapeRule('test.domain', 'Double', (c) => [{ dtype: c.dtype(0), shape: c.shape(0) }]);
    expect(() => registerShapeRule('test.domain', 'Double', () => [])).toThrow('has a shape rule already');
    const [doubled] = g.custom('test.domain', 'Double', 1, [y]);
    expect(doubled.shape).toEqual(['N', 5]);
    const types = [{ dtype: 'float32', shape: ['M'] } as const];
    const [stated] = g.custom('test.domain', 'Other', 1, [doubled], {
      types,
      attributes: { mode: 'x', k: [1] },
    });
    expect(stated.shape).toEqual(['M']);
    expect(() => g.custom('test.domain', 'Nameless', 1, [y])).toThrow(
      "test.domain.Nameless 'Nameless': the type of output 0 does not follow from the inputs",
    );
    g.output(stated);
    const model = g.build();
    expect([...model.opsets]).toEqual([
      ['', 20],
      ['com.microsoft', 1],
      ['test.domain', 1],
    ]);
    const last = model.graph.nodes.at(-1)!;
    expect([stringAttribute(last, 'mode', ''), intsAttribute(last, 'k', [])]).toEqual(['x', [1]]);
  });

  it('refuses a value of another graph', () => {
    const x = new GraphBuilder().input('x', 'float32', [1]);
    const g = new GraphBuilder();
    g.input('x', 'float32', [1]);
    expect(() => g.op('Relu', [x])).toThrow("Value 'x' belongs to another graph");
    expect(() => g.build()).toThrow("Graph 'graph' has no output");
  });

  it('continues from a model that was read', async () => {
    const g = new GraphBuilder();
    g.output(g.op('Relu', [convolution(g)]), 'features');
    const read = readModel(writeModel(g.build({ metadata: { kept: 'yes' } })));
    const more = GraphBuilder.from(read);
    const pooled = more.op('GlobalAveragePool', [more.value('features')]);
    more.output(more.op('Flatten', [pooled]), 'pooled');
    const model = more.build();
    expect(model.metadata.get('kept')).toBe('yes');
    expect(model.graph.outputs).toEqual([{ name: 'pooled', type: { dtype: 'float32', shape: ['N', 4] } }]);
    const results = await execute(model, [float32('x', [1, 3, 8, 8], noise(192))]);
    expect(results.get('pooled')!.dims).toEqual([1, 4]);
    expect(() => more.value('nowhere')).toThrow("The graph has no value 'nowhere' of a known type");
  });

  it('takes one operator of several, as a network takes its activation', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N']);
    const activation: 'Relu' | 'HardSwish' | 'Sigmoid' = 'Relu';
    expect(g.op(activation as 'Relu' | 'HardSwish' | 'Sigmoid', [x]).shape).toEqual(['N']);
  });

  it('writes other models into its graph, twice too', async () => {
    const part = new GraphBuilder();
    const image = part.input('image', 'float32', ['B', 3]);
    const w = part.parameter('fc.weight', 'float32', [3, 3], noise(9));
    const product = part.op('MatMul', [image, w]);
    part.output(product, 'features');
    part.output(part.op('Shape', [product]), 'shape');
    const model = part.build();

    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 3]);
    const once = g.scope('a', () => g.inline(model, { image: x }));
    const twice = g.scope('b', () => g.inline(model, { image: once.features! }));
    expect(twice.features!.shape).toEqual(['N', 3]);
    g.output(twice.features!, 'y');
    const whole = g.build();
    expect([...whole.graph.initializers.keys()]).toEqual(['a.fc.weight', 'b.fc.weight']);
    const data = float32('x', [2, 3], noise(6));
    const first = (await execute(model, [{ ...data, name: 'image' }])).get('features')!;
    const expected = (await execute(model, [float32('image', [2, 3], first.values as Float32Array)])).get(
      'features',
    )!;
    expect((await execute(whole, [data])).get('y')!.values).toEqual(expected.values);

    expect(() => g.inline(model, {})).toThrow("Input 'image' of graph 'graph' is not bound to a value");
    expect(() => new GraphBuilder({ opset: 17 }).inline(model, {})).toThrow(
      "Graph 'graph' is of version 20 of operator set 'ai.onnx', this one of 17",
    );
  });
});
