import { describe, expect, it } from 'vitest';
import { StepRunner as Reference } from '../../test/support/step-runner.js';
import { carriedState, type Optimizer, type TrainingStep, trainingStep } from '../autodiff/index.js';
import { lower } from '../lowering/index.js';
import { float32, GraphBuilder, type Model, type Node, producers, readNames } from '../onnx/index.js';
import { floatData, floatTensor } from '../runtime/index.js';
import { chooseTarget, StepRunner } from './index.js';
import { updatingInPlace } from './state-in-place.js';

const BATCH = 3;
const RATE = 0.01;

/** Pseudorandom numbers in -1..1. */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Two dense layers under the squared error; the gradient for the first needs the second's old weights. */
function denseStep(width: number, optimizer: Optimizer, accumulate = false): TrainingStep {
  const g = new GraphBuilder({ name: 'dense' });
  const x = g.input('x', 'float32', [BATCH, width]);
  const weight = (name: string, seed: number) =>
    g.parameter(
      name,
      'float32',
      [width, width],
      numbers(width * width, seed).map((v) => v / Math.sqrt(width)),
    );
  const hidden = g.op('Relu', [g.op('Gemm', [x, weight('first', 1)])]);
  const y = g.op('MatMul', [hidden, weight('second', 2)]);
  g.output(g.op('ReduceMean', [g.op('Mul', [y, y])], { keepdims: 0 }), 'loss');
  return trainingStep(g.build(), {
    loss: 'loss',
    groups: [{ parameters: ['first', 'second'] }],
    optimizer,
    accumulate,
  });
}

const optimizers: readonly Optimizer[] = [
  { kind: 'sgd', momentum: 0.9 },
  { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.01 },
  { kind: 'adam' },
  { kind: 'adamw', weightDecay: 0.01 },
];

const lowered = (step: TrainingStep): Model => lower(step.model, { target: 'standard' });

describe('updatingInPlace', () => {
  it.each(optimizers)('lets %o renew all large tensors after their readers', (optimizer) => {
    const step = denseStep(4, optimizer);
    const model = lowered(step);
    const carried = carriedState(model, step.state);
    const { model: ordered, names } = updatingInPlace(model, carried, 0);
    expect([...names].sort()).toEqual(carried.map(({ input }) => input).sort());
    const makers = producers(ordered.graph);
    for (const { input, output } of carried) {
      const needed = new Set<Node>([makers.get(output!)!]);
      for (const one of needed) {
        for (const name of readNames(one)) if (makers.has(name)) needed.add(makers.get(name)!);
      }
      const readers = ordered.graph.nodes.filter((one) => readNames(one).has(input));
      expect(readers.length).toBeGreaterThan(0);
      expect(readers.filter((reader) => !needed.has(reader))).toEqual([]);
    }
  });

  it('leaves small tensors alone', () => {
    const step = denseStep(4, { kind: 'sgd', momentum: 0.9 });
    const model = lowered(step);
    const found = updatingInPlace(model, carriedState(model, step.state));
    expect(found.names.size).toBe(0);
    expect(found.model).toBe(model);
  });

  it('gives a tensor that leaves the graph as it was before the update two copies', () => {
    const g = new GraphBuilder();
    const w = g.input('w', 'float32', [4]);
    g.output(
      g.op('Sub', [w, g.op('Mul', [g.input('d', 'float32', [4]), g.input('rate', 'float32', [])])]),
      'next.w',
    );
    g.output(g.op('Identity', [w]), 'before');
    const { names } = updatingInPlace(g.build(), [{ input: 'w', output: 'next.w' }], 0);
    expect(names.size).toBe(0);
  });

  it('gives a tensor whose update is no elementwise operator two copies', () => {
    const g = new GraphBuilder();
    const w = g.input('w', 'float32', [4, 4]);
    g.output(g.op('MatMul', [w, w]), 'next.w');
    const { names } = updatingInPlace(g.build(), [{ input: 'w', output: 'next.w' }], 0);
    expect(names.size).toBe(0);
  });
});

describe('a step of large layers', () => {
  /** 16 MiB a matrix: large. */
  const WIDTH = 2048;

  it.each(optimizers.slice(0, 1))(
    'computes in place what it computes with two copies, %o',
    async (optimizer) => {
      const step = denseStep(WIDTH, optimizer);
      const model = lowered(step);
      expect(updatingInPlace(model, carriedState(model, step.state)).names.size).toBe(4);
      const [runner, reference] = [
        await StepRunner.create(step, await chooseTarget('cpu'), { threads: 1 }),
        new Reference(step),
      ];
      for (let n = 1; n <= 3; n++) {
        const x = numbers(BATCH * WIDTH, 10 + n);
        const { outputs } = await runner.update({ x: floatTensor(x, [BATCH, WIDTH]) }, RATE, n);
        const expected = await reference.update([float32('x', [BATCH, WIDTH], x)], {
          learning_rate: RATE,
          step: n,
        });
        expect(floatData(outputs.loss!)[0]! / Number(expected.get('loss')!.values[0])).toBeCloseTo(1, 5);
      }
      const state = await runner.getState();
      for (const name of ['first', 'second', 'momentum.second']) {
        const found = new Float32Array(state.get(name)!.data.slice().buffer);
        const wanted = reference.values(name);
        const most = Math.max(
          ...[0, 1, WIDTH, WIDTH * WIDTH - 1].map((i) => Math.abs(found[i]! - wanted[i]!)),
        );
        expect(most, name).toBeLessThan(1e-6);
      }
      await runner.dispose();
    },
  );
});
