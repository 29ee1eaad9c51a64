/** The walk from a loss to what it is differentiated by. */
import { describe, expect, it } from 'vitest';
import { execute, noise } from '../../test/support/execute.js';
import { gradientError } from '../../test/support/gradcheck.js';
import { lowerToStandard } from '../lowering/standard/index.js';
import { float32, GraphBuilder, type Model, type Node, tensor, type Value } from '../onnx/index.js';
import { GradientError, gradients, registerGradient } from './index.js';

const total = (g: GraphBuilder, x: Value): Value => g.op('ReduceSum', [x], { keepdims: 0 });

const added = (model: Model): readonly Node[] =>
  model.graph.nodes.filter((n) => n.name.startsWith('gradient.'));

async function run(g: GraphBuilder, outputs: readonly Value[], inputs: Record<string, number[]> = {}) {
  outputs.forEach((value, i) => {
    g.output(g.op('Identity', [value]), `result.${i}`);
  });
  const fed = Object.entries(inputs).map(([name, values]) => float32(name, [values.length], values));
  const results = await execute(lowerToStandard(g.build()), fed);
  return outputs.map((_, i) => Array.from(results.get(`result.${i}`)!.values, Number));
}

/** A convolution and its activation, twice; the first is a prefix that may be frozen. */
function twoLayers(g: GraphBuilder) {
  const x = g.input('x', 'float32', ['N', 2, 6, 6]);
  const layer = (name: string, v: Value) =>
    g.scope(name, () => {
      const w = g.parameter('weight', 'float32', [2, 2, 3, 3], noise(36));
      const b = g.parameter('bias', 'float32', [2], [0.1, 0.2]);
      return { w, b, y: g.op('Relu', [g.op('Conv', [v, w, b], { pads: [1, 1, 1, 1] })]) };
    });
  const first = layer('first', x);
  const second = layer('second', first.y);
  return { x, first, second, loss: total(g, second.y) };
}

describe('gradients', () => {
  it('adds up several uses of a value', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const cube = g.op('Mul', [x, g.op('Mul', [x, x])]);
    const [dx] = gradients(g, total(g, g.op('Add', [cube, x])), [x]);
    expect(await run(g, [dx!], { x: [2, -1] })).toEqual([[13, 4]]);
  });

  it('differentiates by inner values, by the output itself and by one value twice', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const square = g.op('Mul', [x, x]);
    const loss = total(g, g.op('Mul', [square, square]));
    const found = gradients(g, loss, [square, loss, square]);
    expect(await run(g, found, { x: [2, -1] })).toEqual([[8, 2], [1], [8, 2]]);
  });

  it('takes the gradient of an output with several elements', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const y = g.op('Exp', [x]);
    expect(() => gradients(g, y, [x])).toThrow(
      "'Exp' of [2] has more than one element: its gradients need a seed",
    );
    const seed = g.constant(float32('', [2], [3, -2]));
    const [dx] = gradients(g, y, [x], { seed });
    expect(() => gradients(g, y, [x], { seed: g.scalar(1) })).toThrow(
      "A seed of float32 [] does not fit 'Exp', float32 [2]",
    );
    expect(await run(g, [dx!], { x: [0, 0] })).toEqual([[3, -2]]);
  });

  it('seeds an output of one element, whatever its axes', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const loss = g.op('ReduceSum', [g.op('Unsqueeze', [x, g.ints([0])])]);
    expect(loss.shape).toEqual([1, 1]);
    expect(await run(g, gradients(g, loss, [x]), { x: [5, 6] })).toEqual([[1, 1]]);
  });

  it('builds nothing for a frozen prefix', () => {
    const g = new GraphBuilder();
    const { second, loss } = twoLayers(g);
    const found = gradients(g, loss, [second.w, second.b]);
    found.forEach((value) => {
      g.output(value);
    });
    const ops = added(g.build()).map((n) => n.op);
    expect(ops.filter((op) => op === 'ConvWeightGradient')).toHaveLength(1);
    expect(ops).not.toContain('ConvInputGradient');
    expect(ops.filter((op) => op === 'ReluGradient')).toHaveLength(1);
  });

  it('builds no gradient for the input of the first layer', () => {
    const g = new GraphBuilder();
    const { first, second, loss } = twoLayers(g);
    gradients(g, loss, [first.w, second.w]).forEach((value) => {
      g.output(value);
    });
    const ops = added(g.build()).map((n) => n.op);
    expect(ops.filter((op) => op === 'ConvWeightGradient')).toHaveLength(2);
    expect(ops.filter((op) => op === 'ConvInputGradient')).toHaveLength(1);
    expect(ops).not.toContain('ReduceSum');
  });

  it('lets nothing flow through stopped values', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const target = g.op('Exp', [x]);
    const loss = total(g, g.op('Mul', [x, target]));
    const [dx] = gradients(g, loss, [x], { stop: [target] });
    const [through] = gradients(g, loss, [target], { stop: [target] });
    const [at, before] = await run(g, [dx!, through!], { x: [0, 1] });
    expect(at![0]).toBeCloseTo(1, 6);
    expect(at![1]).toBeCloseTo(Math.E, 5);
    expect(before).toEqual([0, 1]);
    expect(() => gradients(g, total(g, target), [x], { stop: [target] })).toThrow(
      "does not depend on 'x' in a differentiable way",
    );
  });

  it('lets nothing flow through integers and steps', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const whole = g.op('Cast', [g.op('Cast', [x], { to: 'int64' })], { to: 'float32' });
    const stepped = g.op('Floor', [x]);
    const mask = g.op('Cast', [g.op('Greater', [x, g.scalar(0)])], { to: 'float32' });
    const factor = g.op('Add', [g.op('Add', [whole, stepped]), mask]);
    const [dx] = gradients(g, total(g, g.op('Mul', [x, factor])), [x]);
    expect(await run(g, [dx!], { x: [2.5, -1.5] })).toEqual([[5, -3]]);
  });

  it('names everything that the loss does not depend on', () => {
    const g = new GraphBuilder();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => g.input(name, 'float32', [2]));
    const loss = total(g, g.op('Mul', [a!, g.op('Floor', [c!])]));
    expect(() => gradients(g, loss, [a!, b!, c!])).toThrow(GradientError);
    expect(() => gradients(g, loss, [a!, b!, c!])).toThrow(
      "'ReduceSum' does not depend on 'b', 'c' in a differentiable way",
    );
  });

  it('names an operator without a rule, only if a gradient has to pass it', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [1, 1, 4, 4]);
    const w = g.parameter('w', 'float32', [1], [1]);
    const pooled = g.op('LpPool', [x], { kernel_shape: [2, 2] }, { name: 'stem.pool' });
    const loss = total(g, g.op('Mul', [pooled, w]));
    expect(gradients(g, loss, [w])).toHaveLength(1);
    expect(() => gradients(g, loss, [w, x])).toThrow("No gradient rule for LpPool 'stem.pool'");
  });

  it('learns operators of other domains', async () => {
    registerGradient('Double', (c) => [c.g.op('Mul', [c.dy, c.g.scalar(2)])], 'tests.gradients');
    expect(() => registerGradient('Double', () => [], 'tests.gradients')).toThrow(RangeError);
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const [y] = g.custom('tests.gradients', 'Double', 1, [x], { types: [x] });
    const [dx] = gradients(g, total(g, y), [x]);
    expect(await run(g, [dx!], { x: [1, 1] })).toEqual([[2, 2]]);
  });

  it('finds out a rule that gives another shape', () => {
    registerGradient('Wrong', (c) => [c.g.scalar(1)], 'tests.gradients');
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const [y] = g.custom('tests.gradients', 'Wrong', 1, [x], { types: [x] });
    expect(() => gradients(g, total(g, y), [x])).toThrow(
      "The gradient of tests.gradients.Wrong 'Wrong': the rule gave [] for input 0 of [2]",
    );
  });

  it('refuses a gradient through an output that has none', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [4, 2]);
    const per = (name: string) => g.input(name, 'float32', [2]);
    const inputs = [x, per('scale'), per('bias'), per('mean'), per('variance')];
    const [y, mean] = g.ops('BatchNormalization', 3, inputs, { training_mode: 1 });
    const loss = g.op('Add', [total(g, y), total(g, mean)]);
    expect(() => gradients(g, loss, [x])).toThrow(
      "The gradient of BatchNormalization 'BatchNormalization': output 1 is not differentiable",
    );
  });

  it.each([14, 17, 18, 21, 23])('differentiates graphs of opset %i', async (opset) => {
    const error = await gradientError({
      variables: { x: { dims: [4, 3, 2], declared: ['N', 3, 2] }, scale: { dims: [3] }, bias: { dims: [3] } },
      build: (g, { x, scale, bias }) => {
        const running = g.constant(tensor('', 'float64', [3], [1, 1, 1]));
        const inputs = [x, scale, bias, running, running];
        const [y] = g.ops('BatchNormalization', 3, inputs, { training_mode: 1 });
        const axes = g.ints([-1]);
        const mean = opset < 18 ? g.op('ReduceMean', [y], { axes: [-1] }) : g.op('ReduceMean', [y, axes]);
        return g.op('Sigmoid', [g.op('Sub', [y, g.op('Mul', [mean, g.op('ReduceSum', [y, axes])])])]);
      },
      opset,
      lowering: { batchNorm: 'primitives' },
    });
    expect(error).toBeLessThan(1);
  });

  it('continues from a model that was read', async () => {
    const source = new GraphBuilder();
    source.output(twoLayers(source).loss, 'loss');
    const g = GraphBuilder.from(source.build());
    const [dw] = gradients(g, g.value('loss'), [g.value('first.weight')]);
    g.output(g.value('loss'));
    g.output(dw!, 'dw');
    const x = float32('x', [3, 2, 6, 6], noise(216, 5));
    const result = await execute(lowerToStandard(g.build()), [x]);
    expect(result.get('dw')!.dims).toEqual([2, 2, 3, 3]);
    expect(Math.max(...Array.from(result.get('dw')!.values, Number))).toBeGreaterThan(0);
  });

  it('runs one graph on batches of any size: gradients of a sum add up over its parts', async () => {
    const g = new GraphBuilder();
    const { first, second, loss } = twoLayers(g);
    gradients(g, loss, [first.w, first.b, second.w]).forEach((value, i) => {
      g.output(value, `d${i}`);
    });
    const model = lowerToStandard(g.build());
    const images = noise(5 * 72, 3);
    const at = (from: number, to: number) =>
      execute(model, [float32('x', [to - from, 2, 6, 6], images.slice(from * 72, to * 72))]);
    const [all, head, tail] = [await at(0, 5), await at(0, 2), await at(2, 5)];
    for (const name of ['d0', 'd1', 'd2']) {
      const [a, b, c] = [all, head, tail].map((r) => Array.from(r.get(name)!.values, Number));
      a!.forEach((v, i) => {
        expect(v).toBeCloseTo(b![i]! + c![i]!, 3);
      });
    }
  });
});
