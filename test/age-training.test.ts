/** A network with heads for age and gender, trained by a sum of losses on batches that lack labels. */
import { describe, expect, it } from 'vitest';
import { type AgeLabel, ageRange, ageTarget, classAges, yearClasses } from '../src/age/index.js';
import { trainingStep } from '../src/autodiff/index.js';
import {
  crossEntropy,
  expectedAge,
  genderCrossEntropy,
  huberLoss,
  totalLoss,
  varianceLoss,
} from '../src/losses/index.js';
import { float32, GraphBuilder, type Model, type Tensor } from '../src/onnx/index.js';
import { noise } from './support/execute.js';
import { StepRunner } from './support/step-runner.js';

const classes = yearClasses(20, 40);
const [BATCH, FEATURES] = [6, 8];

function forward(): Model {
  const g = new GraphBuilder({ name: 'heads' });
  const x = g.input('features', 'float32', ['N', FEATURES]);
  const perSample = (name: string) => g.input(name, 'float32', ['N']);
  const head = (name: string, outputs: number, seed: number) =>
    g.scope(name, () => {
      const w = g.parameter('weight', 'float32', [outputs, FEATURES], noise(outputs * FEATURES, seed));
      const b = g.parameter('bias', 'float32', [outputs], new Float32Array(outputs));
      return g.op('Gemm', [x, w, b], { transB: 1 });
    });
  const age = head('age', classes.length, 1);
  const gender = head('gender', 2, 2);
  const p = g.op('Softmax', [age], { axis: 1 });
  const expected = expectedAge(g, p, classAges(classes));
  const weights = perSample('age.known');
  const range = { low: perSample('age.low'), high: perSample('age.high') };
  const target = g.input('age.target', 'float32', ['N', classes.length]);
  const { total, parts } = totalLoss(g, {
    'loss.age': { losses: crossEntropy(g, age, target), weights, factor: 1 },
    'loss.expectation': { losses: huberLoss(g, expected, range, 2), weights, factor: 0.1 },
    'loss.variance': { losses: varianceLoss(g, p, classAges(classes)), weights, factor: 0.05 },
    'loss.gender': {
      losses: genderCrossEntropy(g, gender, perSample('gender')),
      weights: perSample('gender.known'),
      factor: 0.5,
    },
  });
  g.output(total, 'loss');
  for (const [name, value] of Object.entries(parts)) g.output(value, name);
  g.output(p, 'ages');
  return g.build();
}

interface Sample {
  readonly age?: AgeLabel;
  readonly second?: number;
}

function feeds(samples: readonly Sample[]): Tensor[] {
  const column = (name: string, values: readonly number[]) => float32(name, [BATCH], values);
  const none = new Float32Array(classes.length);
  const ranges = samples.map(({ age }) => (age ? ageRange(classes, age) : [0, 0]));
  return [
    float32('features', [BATCH, FEATURES], noise(BATCH * FEATURES, 5)),
    float32(
      'age.target',
      [BATCH, classes.length],
      samples.flatMap(({ age }) => [...(age ? ageTarget(classes, age) : none)]),
    ),
    column(
      'age.low',
      ranges.map(([low]) => low!),
    ),
    column(
      'age.high',
      ranges.map(([, high]) => high!),
    ),
    column(
      'age.known',
      samples.map(({ age }) => Number(age !== undefined)),
    ),
    column(
      'gender',
      samples.map(({ second }) => second ?? 0),
    ),
    column(
      'gender.known',
      samples.map(({ second }) => Number(second !== undefined)),
    ),
  ];
}

const parameters = ['age.weight', 'age.bias', 'gender.weight', 'gender.bias'];
const runner = () =>
  new StepRunner(
    trainingStep(forward(), {
      loss: 'loss',
      groups: [{ parameters }],
      optimizer: { kind: 'sgd', momentum: 0.9 },
      clipNorm: 5,
    }),
  );

const labels: readonly Sample[] = [
  { age: { age: 23 }, second: 0 },
  { age: { age: 31.4, std: 3 }, second: 1 },
  { age: { from: 25, to: 34 } },
  { second: 1 },
  { age: { age: 75 }, second: 0 },
  {},
];

describe('training by a sum of losses', () => {
  it('learns from every kind of label at once', async () => {
    const run = runner();
    const losses: number[] = [];
    for (let step = 1; step <= 60; step++) {
      const found = await run.update(feeds(labels), { learning_rate: 0.05, step });
      losses.push(Number(found.get('loss')!.values[0]));
    }
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 3);
    const found = await run.update(feeds(labels), { learning_rate: 0, step: 61 });
    const p = (n: number, k: number) => Number(found.get('ages')!.values[n * classes.length + k]);
    const inside = Array.from({ length: 10 }, (_, k) => p(2, 5 + k)).reduce((a, b) => a + b);
    expect(inside).toBeGreaterThan(0.9);
    // A label above the last class has been trained as the last.
    expect(p(4, 20)).toBeGreaterThan(0.5);
  });

  it('leaves a head unchanged if no sample has a label for it', async () => {
    const run = runner();
    const start = new Map(parameters.map((name) => [name, run.values(name)]));
    const found = await run.update(feeds(labels.map(({ age }) => (age ? { age } : {}))), {
      learning_rate: 0.1,
      step: 1,
    });
    expect(found.get('loss.gender')!.values[0]).toBe(0);
    expect(run.values('gender.weight')).toEqual(start.get('gender.weight'));
    expect(run.values('age.weight')).not.toEqual(start.get('age.weight'));
  });

  it('changes nothing without any labels', async () => {
    const run = runner();
    const start = new Map(parameters.map((name) => [name, run.values(name)]));
    const found = await run.update(feeds(labels.map(() => ({}))), { learning_rate: 0.1, step: 1 });
    expect(found.get('loss')!.values[0]).toBe(0);
    for (const name of parameters) expect(run.values(name)).toEqual(start.get(name));
  });
});
