import { expect, it } from 'vitest';
import { lower } from '../../lowering/index.js';
import { float32Values, GraphBuilder, writeModel } from '../../onnx/index.js';
import { floatData, floatTensor, type Tensors } from '../../runtime/index.js';
import { createSession } from '../../runtime/node.js';
import { adamCorrections } from './adam.js';
import { initialTensor } from './state.js';
import { trainingStep } from './training-step.js';
import { ADAM_EPSILON, type Adam, LEARNING_RATE, nextName, RATE_CORRECTION, STEP } from './types.js';

const STEPS = 20;
const scalar = (value: number) => floatTensor(Float32Array.of(value), []);

/** The weight after some steps towards (3, −1), of two groups of which one has half the rate. */
async function weightsAfter(optimizer: Adam): Promise<Float32Array[]> {
  const g = new GraphBuilder();
  const [a, b] = ['a', 'b'].map((name) => g.parameter(name, 'float32', [2], [0.5, 0.5]));
  const goal = g.input('goal', 'float32', [2]);
  const away = g.op('Sub', [g.op('Mul', [a!, b!]), goal]);
  g.output(g.op('ReduceMean', [g.op('Mul', [away, away])], { keepdims: 0 }), 'loss');
  const groups = [{ parameters: ['a'] }, { parameters: ['b'], rate: 0.5 }];
  const { model, state } = trainingStep(g.build(), { loss: 'loss', groups, optimizer });
  const session = await createSession(writeModel(lower(model, { target: 'standard' })), 'step');
  let values: Tensors = Object.fromEntries(
    state.map((entry) => [entry.name, floatTensor(float32Values(initialTensor(entry)), entry.shape)]),
  );
  for (let time = 1; time <= STEPS; time++) {
    const { rate, epsilon } = adamCorrections(optimizer, time);
    const outputs = await session.run({
      ...values,
      goal: floatTensor(Float32Array.of(3, -1), [2]),
      [LEARNING_RATE]: scalar(0.01),
      [STEP]: scalar(time),
      ...(optimizer.corrections === 'inputs' && {
        [RATE_CORRECTION]: scalar(rate),
        [ADAM_EPSILON]: scalar(epsilon),
      }),
    });
    values = Object.fromEntries(Object.keys(values).map((name) => [name, outputs[nextName(name)]!]));
  }
  await session.dispose();
  return ['a', 'b'].map((name) => floatData(values[name]!));
}

it.each([
  { kind: 'adam' },
  { kind: 'adam', beta1: 0.8, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.1 },
  { kind: 'adamw', weightDecay: 0.1 },
] satisfies Adam[])('takes corrections as inputs and does the same, %o', async (optimizer) => {
  const expected = await weightsAfter(optimizer);
  const found = await weightsAfter({ ...optimizer, corrections: 'inputs' });
  expect(expected[0]![0]).toBeGreaterThan(0.6);
  expected.forEach((weights, p) => {
    weights.forEach((weight, i) => {
      expect(found[p]![i]).toBeCloseTo(weight, 5);
    });
  });
});
