import { describe, expect, it } from 'vitest';
import { difference, execute, noise } from '../../../test/support/execute.js';
import { StepRunner } from '../../../test/support/step-runner.js';
import { evaluationGraph, inferenceGraph, stateWeights, trainingStep } from '../../autodiff/index.js';
import { GraphBuilder } from '../builder.js';
import type { Model } from '../graph.js';
import { float32, tensorValues } from '../tensor.js';
import { toFloat16 } from './float16.js';
import { trainingForm } from './training-form.js';

const [BATCH, CHANNELS, SIZE] = [4, 3, 5];
const EPSILON = 1e-3;

/** Two layers of batch norm as an exporter leaves them: inference, with a bias and a variance that both share. */
function exported(): Model {
  const g = new GraphBuilder({ name: 'exported' });
  const x = g.input('x', 'float32', [BATCH, CHANNELS, SIZE, SIZE]);
  const per = (name: string, values: Float32Array) => g.parameter(name, 'float32', [CHANNELS], values);
  const bias = per('bias', noise(CHANNELS, 1));
  const variance = per('variance', Float32Array.of(0.5, 1, 2));
  const norm = (name: string, v: typeof x) => {
    const [scale, mean] = [per(`${name}.scale`, noise(CHANNELS, 2)), per(`${name}.mean`, noise(CHANNELS, 3))];
    return g.op('BatchNormalization', [v, scale, bias, mean, variance], { epsilon: EPSILON }, { name });
  };
  const y = norm('second', g.op('Relu', [norm('first', x)]));
  g.output(y, 'y');
  g.output(g.op('ReduceMean', [g.op('Mul', [y, y])], { keepdims: 0 }), 'loss');
  return g.build();
}

const x = float32('x', [BATCH, CHANNELS, SIZE, SIZE], noise(BATCH * CHANNELS * SIZE ** 2, 9));

function stepOf(model: Model) {
  const scales = [...model.graph.initializers.keys()].filter((name) => name.endsWith('scale'));
  return trainingStep(model, {
    loss: 'loss',
    groups: [{ parameters: scales }],
    optimizer: { kind: 'sgd' },
  });
}

/** The mean and the sample variance of each channel of x. */
function batchStatistics(): { mean: number; variance: number }[] {
  const values = tensorValues(x) as Float32Array;
  return Array.from({ length: CHANNELS }, (_, c) => {
    const own = [...values].filter((_, i) => Math.floor(i / SIZE ** 2) % CHANNELS === c);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const variance = own.reduce((a, b) => a + (b - mean) ** 2, 0) / (own.length - 1);
    return { mean, variance };
  });
}

describe('trainingForm', () => {
  it('is undone by the evaluation graph, and by export after no step', async () => {
    const [before] = (await execute(exported(), [x])).values();
    const training = trainingForm(exported());
    const evaluated = await execute(evaluationGraph(training), [x]);
    expect(difference(evaluated.get('y')!, before!)).toBe(0);
    const { state } = new StepRunner(stepOf(training));
    const weights = stateWeights(stepOf(training).state, state);
    const inferred = await execute(inferenceGraph(training, weights, ['y']), [x]);
    expect(difference(inferred.get('y')!, before!)).toBeLessThan(1e-5);
  });

  it('moves running statistics as PyTorch does, by the momentum given', async () => {
    const model = trainingForm(exported(), { momentum: 0.8 });
    const layer = model.graph.nodes.find((node) => node.name === 'first')!;
    const step = stepOf(model);
    const runner = new StepRunner(step);
    await runner.update([x], { learning_rate: 0.1, step: 1 });
    const [mean, variance] = [3, 4].map((i) => runner.values(layer.inputs[i]!)) as [number[], number[]];
    const old = { mean: noise(CHANNELS, 3), variance: [0.5, 1, 2] };
    batchStatistics().forEach((batch, c) => {
      // running = (1 − 0.2) · running + 0.2 · batch, of the variance that of the sample
      expect(mean[c]).toBeCloseTo(0.8 * old.mean[c]! + 0.2 * batch.mean, 5);
      expect(variance[c]).toBeCloseTo(0.8 * old.variance[c]! + 0.2 * batch.variance, 5);
    });
    expect(step.state.filter(({ kind }) => kind === 'statistic')).toHaveLength(4);
  });

  it('gives each layer parameters of its own', () => {
    const layers = trainingForm(exported()).graph.nodes.filter((node) => node.op === 'BatchNormalization');
    const names = layers.flatMap((node) => node.inputs.slice(1));
    expect(new Set(names).size).toBe(8);
  });

  it('takes weights that are stored in half precision', async () => {
    const halved = toFloat16(exported());
    const [before] = (await execute(halved, [x])).values();
    const after = await execute(evaluationGraph(trainingForm(halved)), [x]);
    expect(difference(after.get('y')!, before!)).toBeLessThan(1e-5);
  });

  it('leaves layers that train already, and models without any, unchanged', () => {
    const once = trainingForm(exported(), { momentum: 0.5 });
    expect(trainingForm(once, { momentum: 0.7 })).toBe(once);
  });

  it('reports what it cannot do', () => {
    expect(() => trainingForm(exported(), { momentum: 2 })).toThrow('Momentum must be from 0 to 1, found 2');
    const old = { ...exported(), opsets: new Map([['', 13]]) };
    expect(() => trainingForm(old)).toThrow(/from version 14 .* graph 'exported' is of 13/);
    const { graph } = exported();
    const initializers = new Map([...graph.initializers].filter(([name]) => name !== 'bias'));
    const computed = { ...exported(), graph: { ...graph, initializers } };
    expect(() => trainingForm(computed)).toThrow("'bias' is computed");
  });
});
