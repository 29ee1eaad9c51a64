/** Training steps of networks with batch norm and dropout, and the way back to inference. */
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { execute, noise, random } from '../../../test/support/execute.js';
import { StepRunner } from '../../../test/support/step-runner.js';
import { lowerToStandard } from '../../lowering/standard/index.js';
import {
  float32,
  GraphBuilder,
  type Model,
  type Tensor,
  tensor,
  tensorValues,
  type Value,
  writeModel,
} from '../../onnx/index.js';
import {
  evaluationGraph,
  inferenceGraph,
  initialTensor,
  stateWeights,
  type TrainingStep,
  type TrainingStepOptions,
  trainingStep,
  withWeights,
} from './index.js';

const [SIZE, CHANNELS, CLASSES] = [6, 4, 3];
const LAYERS = ['first', 'second'] as const;
const RATIO = 0.25;

/** Two convolutions with batch norm, dropout, a linear classifier, its loss and its logits. */
function network(batch: number | string = 'N'): Model {
  const g = new GraphBuilder({ name: 'net' });
  const image = g.input('image', 'float32', [batch, 3, SIZE, SIZE]);
  const target = g.input('target', 'float32', [batch, CLASSES]);
  const layer = (x: Value, name: string, inputs: number, seed: number) =>
    g.scope(name, () => {
      const w = g.parameter(
        'weight',
        'float32',
        [CHANNELS, inputs, 3, 3],
        noise(CHANNELS * inputs * 9, seed),
      );
      const constant = (part: string, value: number, spread: number) => {
        const values = noise(CHANNELS, seed + part.length).map((v) => value + spread * v);
        return g.parameter(part, 'float32', [CHANNELS], values);
      };
      const bn = [constant('scale', 1, 0.3), constant('bias', 0, 0.3)];
      const running = [constant('mean', 0, 0.1), constant('variance', 1, 0.2)];
      const y = g.op('Conv', [x, w], { pads: [1, 1, 1, 1] });
      const attributes = { training_mode: 1, momentum: 0.8, epsilon: 1e-3 };
      return g.op('Relu', [g.ops('BatchNormalization', 3, [y, ...bn, ...running], attributes)[0]]);
    });
  const second = layer(layer(image, 'first', 3, 10), 'second', CHANNELS, 30);
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [second])]);
  const training = g.constant(tensor('', 'bool', [], [1]));
  const [kept] = g.ops('Dropout', 2, [pooled, g.scalar(RATIO), training], {}, { name: 'dropout' });
  const w = g.parameter('fc.weight', 'float32', [CLASSES, CHANNELS], noise(CLASSES * CHANNELS, 50));
  const b = g.parameter('fc.bias', 'float32', [CLASSES], noise(CLASSES, 51));
  const logits = g.op('Gemm', [kept, w, b], { transB: 1 });
  const each = g.op('ReduceSum', [g.op('Mul', [g.op('LogSoftmax', [logits]), target]), g.ints([1])]);
  g.output(g.op('Neg', [g.op('ReduceMean', [each], { keepdims: 0 })]), 'loss');
  g.output(logits, 'logits');
  return g.build();
}

const layerParameters = (layer: string) => ['weight', 'scale', 'bias'].map((part) => `${layer}.${part}`);
const ALL = [...LAYERS.flatMap(layerParameters), 'fc.weight', 'fc.bias'];
const BATCH = 5;

const options = (parameters: readonly string[] = ALL): TrainingStepOptions => ({
  loss: 'loss',
  groups: [{ parameters }],
  optimizer: { kind: 'adamw' },
});

function inputs(step: number): Tensor[] {
  const next = random(step);
  const hot = Array.from({ length: BATCH }, () => Math.floor(next() * CLASSES)).flatMap((label) =>
    Array.from({ length: CLASSES }, (_, k) => Number(k === label)),
  );
  return [
    float32('image', [BATCH, 3, SIZE, SIZE], noise(BATCH * 3 * SIZE * SIZE, 70 + step)),
    float32('target', [BATCH, CLASSES], hot),
  ];
}

const dropoutNoise = (step: number): Tensor => {
  const next = random(900 + step);
  return float32('dropout.noise', [BATCH, CHANNELS], Float32Array.from({ length: BATCH * CHANNELS }, next));
};

async function train(step: TrainingStep, steps: number): Promise<StepRunner> {
  const runner = new StepRunner(step);
  for (let t = 1; t <= steps; t++) {
    await runner.update([...inputs(t), dropoutNoise(t)], { learning_rate: 0.02, step: t });
  }
  return runner;
}

describe('batch norm in a training step', () => {
  it.each(['N', BATCH])('keeps running statistics as PyTorch does, with a batch of %s', async (batch) => {
    const step = trainingStep(network(batch), options());
    const runner = new StepRunner(step);
    const [mean, variance] = [runner.values('first.mean'), runner.values('first.variance')];
    // The first layer's statistics follow from its convolution, whose weights have not moved yet.
    const g = new GraphBuilder();
    const x = g.input('image', 'float32', [BATCH, 3, SIZE, SIZE]);
    const w = g.constant(runner.state.get('first.weight')!);
    g.output(g.op('Conv', [x, w], { pads: [1, 1, 1, 1] }), 'y');
    const y = (await execute(g.build(), inputs(1).slice(0, 1))).get('y')!.values;
    await runner.update([...inputs(1), dropoutNoise(1)], { learning_rate: 0.1, step: 1 });
    const area = SIZE * SIZE;
    for (let c = 0; c < CHANNELS; c++) {
      const elements = Array.from(y, Number).filter((_, i) => Math.floor(i / area) % CHANNELS === c);
      const average = elements.reduce((a, b) => a + b) / elements.length;
      const squares = elements.reduce((s, v) => s + (v - average) ** 2, 0);
      const found = [runner.values('first.mean')[c]!, runner.values('first.variance')[c]!];
      expect(found[0]).toBeCloseTo(0.8 * mean[c]! + 0.2 * average, 5);
      expect(found[1]).toBeCloseTo(0.8 * variance[c]! + (0.2 * squares) / (elements.length - 1), 4);
    }
  });

  it('has averages of its statistics too', async () => {
    const step = trainingStep(network(), { ...options(), averageDecay: 0.9 });
    const of = (kind: string) => step.state.filter((e) => e.kind === kind).map((e) => e.of);
    expect(of('statistic')).toEqual(LAYERS.flatMap((l) => [`${l}.mean`, `${l}.variance`]));
    expect(of('average').sort()).toEqual([...of('weight'), ...of('statistic')].sort());
    const runner = await train(step, 1);
    const [before, now] = [
      noise(CHANNELS, 10 + 'mean'.length).map((v) => 0.1 * v),
      runner.values('first.mean'),
    ];
    runner.values('average.first.mean').forEach((a, c) => {
      expect(a).toBeCloseTo((2 / 11) * before[c]! + (9 / 11) * now[c]!, 5);
    });
  });

  it.each(['disabled', 'all'] as const)(
    'leaves the state that it is fed as it was, optimised: %s',
    async (level) => {
      const step = trainingStep(network(), options());
      const session = await InferenceSession.create(writeModel(lowerToStandard(step.model)), {
        graphOptimizationLevel: level,
        logSeverityLevel: 3,
      });
      const scalars = [float32('learning_rate', [], [0.1]), float32('step', [], [1])];
      const fed = [...step.state.map(initialTensor), ...inputs(1), dropoutNoise(1), ...scalars].map((t) => ({
        name: t.name,
        tensor: new OrtTensor(tensorValues(t).slice() as Float32Array, [...t.dims]),
      }));
      const before = fed.map((t) => [...(t.tensor.data as Float32Array)]);
      const found = await session.run(Object.fromEntries(fed.map((t) => [t.name, t.tensor])));
      await session.release();
      expect(found['next.first.mean']!.data).not.toEqual(
        fed.find((t) => t.name === 'first.mean')!.tensor.data,
      );
      fed.forEach((t, i) => {
        expect([...(t.tensor.data as Float32Array)], t.name).toEqual(before[i]);
      });
    },
  );

  it('refuses statistics that two layers share', () => {
    const shared = network();
    const nodes = shared.graph.nodes.map((n) => ({
      ...n,
      inputs: n.inputs.map((name) => (name === 'second.mean' ? 'first.mean' : name)),
    }));
    expect(() => trainingStep({ ...shared, graph: { ...shared.graph, nodes } }, options())).toThrow(
      /'first.mean' of 'second.*' is shared with another layer/,
    );
  });
});

describe('frozen parts', () => {
  const frozen = trainingStep(network(), options(['fc.weight', 'fc.bias']));
  const ops = (model: Model, prefix: string) =>
    model.graph.nodes.filter((n) => n.name.startsWith(prefix)).map((n) => n.op);

  it('have no gradients, no state and no statistics to keep', () => {
    expect(frozen.state.map((e) => e.of)).not.toEqual(expect.arrayContaining(['first.weight']));
    expect(frozen.state.every((e) => e.of.startsWith('fc.'))).toBe(true);
    expect(frozen.model.graph.initializers.has('first.weight')).toBe(true);
    const norms = frozen.model.graph.nodes.filter((n) => n.op === 'BatchNormalization');
    expect(norms.map((n) => n.attributes.has('training_mode'))).toEqual([false, false]);
    const backward = ops(frozen.model, 'gradient.');
    expect(backward).not.toContain('BatchNormGradient');
    expect(backward).not.toContain('ReluGradient');
    expect(backward.some((op) => op.startsWith('Conv'))).toBe(false);
  });

  it('end where training begins', () => {
    const model = trainingStep(network(), options([...layerParameters('second'), 'fc.weight'])).model;
    const norms = model.graph.nodes.filter((n) => n.op === 'BatchNormalization');
    expect(norms.map((n) => n.attributes.has('training_mode'))).toEqual([false, true]);
    const backward = ops(model, 'gradient.');
    expect(backward.filter((op) => op === 'ConvWeightGradient')).toHaveLength(1);
    expect(backward).not.toContain('ConvInputGradient');
  });

  it('give the same from step to step', async () => {
    const runner = await train(frozen, 2);
    const start = noise(CLASSES * CHANNELS, 50);
    expect(runner.values('fc.weight').some((v, i) => Math.abs(v - start[i]!) > 1e-3)).toBe(true);
  });
});

describe('dropout in a training step', () => {
  it('drops by the noise that it is given and raises the rest', async () => {
    const step = trainingStep(network(), options());
    expect(step.noise).toEqual([{ name: 'dropout.noise', shape: ['N', CHANNELS] }]);
    expect(step.model.graph.nodes.map((n) => n.op)).not.toContain('Dropout');
    const logits = async (values: number[]) => {
      const fed = float32(
        'dropout.noise',
        [BATCH, CHANNELS],
        Array.from({ length: BATCH }, () => values).flat(),
      );
      const found = await new StepRunner(step).update([...inputs(1), fed], { learning_rate: 0, step: 1 });
      return Array.from(found.get('logits')!.values, Number);
    };
    const bias = Array.from({ length: BATCH }, () => [...noise(CLASSES, 51)]).flat();
    const nothing = await logits([0, 0.1, 0.2, 0.24]);
    nothing.forEach((v, i) => {
      expect(v).toBeCloseTo(bias[i]!, 5);
    });
    const [all, even, odd] = [
      await logits([0.25, 0.5, 0.7, 0.99]),
      await logits([0.9, 0, 0.9, 0]),
      await logits([0, 0.9, 0, 0.9]),
    ];
    all.forEach((v, i) => {
      expect(v - bias[i]!).toBeCloseTo(even[i]! + odd[i]! - 2 * bias[i]!, 4);
    });
    const plain = await execute(withoutDropout(network()), inputs(1));
    Array.from(plain.get('logits')!.values, Number).forEach((v, i) => {
      expect(all[i]! - bias[i]!).toBeCloseTo((v - bias[i]!) / (1 - RATIO), 4);
    });
  });

  /** The network in training, with dropout switched off. */
  function withoutDropout(model: Model): Model {
    const nodes = model.graph.nodes.map((n) =>
      n.op === 'Dropout' ? { ...n, inputs: n.inputs.slice(0, 2) } : n,
    );
    return { ...model, graph: { ...model.graph, nodes } };
  }

  it('that does not train is left as it is', () => {
    expect(trainingStep(withoutDropout(network()), options()).noise).toEqual([]);
  });
});

describe('the graph that a state is exported to', () => {
  it.each([false, true])('estimates what the evaluation graph does, averaged: %s', async (averaged) => {
    const forward = network();
    const step = trainingStep(forward, { ...options(), averageDecay: 0.5 });
    const runner = await train(step, 4);
    const weights = stateWeights(step.state, runner.state, averaged);
    const exported = inferenceGraph(forward, weights, ['logits']);
    expect(exported.graph.inputs.map((i) => i.name)).toEqual(['image']);
    expect(exported.graph.nodes.map((n) => n.op)).toEqual([
      'Conv',
      'Relu',
      'Conv',
      'Relu',
      'GlobalAveragePool',
      'Flatten',
      'Gemm',
    ]);
    const evaluation = evaluationGraph(withWeights(forward, weights));
    const [a, b] = [await execute(exported, inputs(9).slice(0, 1)), await execute(evaluation, inputs(9))];
    const initial = await execute(evaluationGraph(forward), inputs(9));
    expect(b.has('loss')).toBe(true);
    const values = (found: typeof a) => Array.from(found.get('logits')!.values, Number);
    values(a).forEach((v, i) => {
      expect(Math.abs(v - values(b)[i]!)).toBeLessThan(1e-4);
    });
    expect(values(a).some((v, i) => Math.abs(v - values(initial)[i]!) > 1e-2)).toBe(true);
  });

  it('evaluates batch norm by hand-made statistics', async () => {
    const forward = network();
    const [image, target] = inputs(2) as [Tensor, Tensor];
    const single = async (n: number) => {
      const one = float32('image', [1, 3, SIZE, SIZE], noise(BATCH * 108, 72).slice(n * 108, (n + 1) * 108));
      const hot = float32('target', [1, CLASSES], [1, 0, 0]);
      return Array.from((await execute(evaluationGraph(forward), [one, hot])).get('logits')!.values, Number);
    };
    // Sample by sample or all at once: running statistics do not depend on the batch.
    const all = Array.from(
      (await execute(evaluationGraph(forward), [image, target])).get('logits')!.values,
      Number,
    );
    const each = (await Promise.all(Array.from({ length: BATCH }, (_, n) => single(n)))).flat();
    each.forEach((v, i) => {
      expect(v).toBeCloseTo(all[i]!, 4);
    });
  });

  it('refuses tensors that do not fit', () => {
    const forward = network();
    const of = (name: string, dims: number[]) =>
      new Map([[name, float32(name, dims, new Float32Array(dims.reduce((a, b) => a * b, 1)))]]);
    expect(() => withWeights(forward, of('fc.bias', [4]))).toThrow(
      "'fc.bias' must be float32 [3], found float32 [4]",
    );
    expect(() => withWeights(forward, of('fc.biases', [3]))).toThrow("no constant 'fc.biases'");
    const step = trainingStep(forward, options());
    expect(() => stateWeights(step.state, new Map())).toThrow("The state lacks 'first.weight'");
    expect(() => stateWeights(step.state, new Map(), true)).toThrow('no moving average');
  });
});
