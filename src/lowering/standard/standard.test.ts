/** The plain lowering as a transformation of models. */
import { describe, expect, it } from 'vitest';
import { difference, execute, noise } from '../../../test/support/execute.js';
import { gradients } from '../../autodiff/index.js';
import { float32, GraphBuilder, type Model, node, readModel, writeModel } from '../../onnx/index.js';
import { LoweringError } from '../replacement.js';
import { lowerToStandard } from './index.js';

/** A step back through every kind of gradient operator. */
function trained(): Model {
  const g = new GraphBuilder({ name: 'step' });
  const x = g.input('x', 'float32', ['N', 3, 8, 8]);
  const per = (name: string, values: number[]) => g.parameter(name, 'float32', [4], values);
  const w = g.parameter('w', 'float32', [4, 3, 3, 3], noise(108));
  const conv = g.op('Conv', [x, w], { pads: [1, 1, 1, 1] });
  const scale = per('scale', [1, 2, 0.5, 1]);
  const bias = per('bias', [0, 0.1, 0.2, -0.1]);
  const running = [per('mean', [0, 0.5, 0, 1]), per('variance', [1, 2, 3, 4])];
  const [normal, mean, variance] = g.ops('BatchNormalization', 3, [conv, scale, bias, ...running], {
    training_mode: 1,
    momentum: 0.8,
    epsilon: 1e-3,
  });
  const pooled = g.op('MaxPool', [g.op('Relu', [normal])], { kernel_shape: [2, 2], strides: [2, 2] });
  const loss = g.op('ReduceMean', [g.op('Mul', [pooled, pooled])], { keepdims: 0 });
  g.output(loss, 'loss');
  g.output(mean, 'running.mean');
  g.output(variance, 'running.variance');
  gradients(g, loss, [x, w, scale, bias]).forEach((value, i) => {
    g.output(value, `d${i}`);
  });
  return g.build({ metadata: { author: 'a test' } });
}

const x = float32('x', [4, 3, 8, 8], noise(4 * 192, 9));

describe('lowerToStandard', () => {
  it('leaves nothing of our own domain, and the rest as it was', () => {
    const model = trained();
    const own = model.graph.nodes.filter((n) => n.domain === 'agewise').map((n) => n.op);
    expect(new Set(own)).toEqual(
      new Set([
        'ConvInputGradient',
        'ConvWeightGradient',
        'ReluGradient',
        'MaxPoolGradient',
        'BatchStatistics',
        'BatchNormGradient',
      ]),
    );
    const lowered = lowerToStandard(model);
    expect(lowered.graph.nodes.every((n) => n.domain === '')).toBe(true);
    expect([...lowered.opsets.keys()]).toEqual(['']);
    expect(lowered.graph.outputs.map((o) => o.name)).toEqual(model.graph.outputs.map((o) => o.name));
    expect(lowered.metadata.get('author')).toBe('a test');
    const kept = model.graph.nodes.filter((n) => n.domain === '');
    for (const n of kept) expect(lowered.graph.nodes).toContainEqual(n);
    const names = lowered.graph.nodes.flatMap((n) => n.outputs);
    expect(new Set(names).size).toBe(names.length);
  });

  it('changes nothing the second time', () => {
    for (const batchNorm of ['native', 'primitives'] as const) {
      const once = lowerToStandard(trained(), { batchNorm });
      expect(lowerToStandard(once, { batchNorm })).toEqual(once);
    }
  });

  it('lowers a model that went through a file', async () => {
    const direct = await execute(lowerToStandard(trained()), [x]);
    const read = await execute(lowerToStandard(readModel(writeModel(trained()))), [x]);
    for (const [name, result] of direct) expect(difference(result, read.get(name)!)).toBe(0);
  });

  it('returns the same with batch norm from primitives, running statistics too', async () => {
    const primitive = lowerToStandard(trained(), { batchNorm: 'primitives' });
    expect(primitive.graph.nodes.some((n) => n.op === 'BatchNormalization')).toBe(false);
    const native = await execute(lowerToStandard(trained()), [x]);
    const built = await execute(primitive, [x]);
    expect(native.size).toBe(7);
    for (const [name, result] of native) expect(difference(result, built.get(name)!)).toBeLessThan(1e-5);
  });

  it('computes the same after the runtime has optimised it', async () => {
    const plain = await execute(lowerToStandard(trained()), [x]);
    const optimised = await execute(lowerToStandard(trained()), [x], true);
    for (const [name, result] of plain) expect(difference(result, optimised.get(name)!)).toBeLessThan(1e-5);
  });

  it('leaves batch norm of inference alone', () => {
    const g = new GraphBuilder();
    const v = g.input('x', 'float32', [2, 3]);
    const per = g.constant(float32('', [3], [1, 1, 1]));
    g.output(g.op('BatchNormalization', [v, per, per, per, per]), 'y');
    const model = g.build();
    expect(lowerToStandard(model, { batchNorm: 'primitives' }).graph.nodes).toEqual(model.graph.nodes);
  });

  it("takes ONNX's own domain by either of its names", () => {
    const model = trained();
    const nodes = model.graph.nodes.map((n) => (n.domain === '' ? { ...n, domain: 'ai.onnx' } : n));
    const opsets = new Map([...model.opsets].map(([domain, v]) => [domain || 'ai.onnx', v] as const));
    const named = lowerToStandard(
      { ...model, opsets, graph: { ...model.graph, nodes } },
      { batchNorm: 'primitives' },
    );
    const plain = lowerToStandard(model, { batchNorm: 'primitives' });
    expect(named.graph.nodes.map((n) => n.op)).toEqual(plain.graph.nodes.map((n) => n.op));
    expect(named.graph.valueInfo).toEqual(plain.graph.valueInfo);
  });

  it('names an operator that it does not know', () => {
    const model = trained();
    const strange = node('Nonsense', ['x'], ['y'], {}, 'agewise');
    const graph = { ...model.graph, nodes: [...model.graph.nodes, strange] };
    expect(() => lowerToStandard({ ...model, graph })).toThrow(LoweringError);
    expect(() => lowerToStandard({ ...model, graph })).toThrow("agewise.Nonsense 'y' is not supported");
  });
});
