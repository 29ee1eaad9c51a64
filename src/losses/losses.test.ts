/** Losses: values and gradients against TensorFlow.js and numbers worked out by hand. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute, noise } from '../../test/support/execute.js';
import { type AgeLabel, ageTarget, yearClasses } from '../age/index.js';
import { gradients } from '../autodiff/index.js';
import { lowerToStandard } from '../lowering/standard/index.js';
import { float32, GraphBuilder, type Value } from '../onnx/index.js';
import {
  absoluteLoss,
  coralDistribution,
  coralLoss,
  crossEntropy,
  expectedAge,
  genderCrossEntropy,
  huberLoss,
  meanLoss,
  totalLoss,
  varianceLoss,
  weightedMean,
} from './index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

type Rows = readonly (readonly number[])[];
interface Outcome {
  readonly values: number[];
  /** The gradient of the values' sum by the first input. */
  readonly gradient: number[];
}

/** Evaluates a loss of inputs `[N, K]`, or `[N]` where given as a plain list. */
async function evaluate(
  build: (g: GraphBuilder, ...inputs: Value[]) => Value,
  ...inputs: readonly (Rows | readonly number[])[]
): Promise<Outcome> {
  return evaluateAt(undefined, build, inputs);
}

async function evaluateAt(
  opset: number | undefined,
  build: (g: GraphBuilder, ...inputs: Value[]) => Value,
  inputs: readonly (Rows | readonly number[])[],
): Promise<Outcome> {
  const g = new GraphBuilder(opset === undefined ? {} : { opset });
  const fed = inputs.map((rows, i) => {
    const first = rows[0]!;
    const dims = typeof first === 'number' ? [rows.length] : [rows.length, first.length];
    return float32(`x${i}`, dims, rows.flat());
  });
  const values = fed.map(({ name, dims }) => g.input(name, 'float32', ['N', ...dims.slice(1)]));
  const y = build(g, ...values);
  const [dx] = gradients(g, g.op('ReduceSum', [y], { keepdims: 0 }), [values[0]!]);
  g.output(g.op('Identity', [y]), 'y');
  g.output(dx!, 'dx');
  const found = await execute(lowerToStandard(g.build()), fed);
  return {
    values: Array.from(found.get('y')!.values, Number),
    gradient: Array.from(found.get('dx')!.values, Number),
  };
}

const valuesOf = async (...args: Parameters<typeof evaluate>): Promise<number[]> =>
  (await evaluate(...args)).values;

function close(found: readonly number[], expected: readonly number[], tolerance = 2e-5): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((v, i) => {
    expect(Math.abs(v - expected[i]!) / (1 + Math.abs(expected[i]!)), `element ${i}`).toBeLessThan(tolerance);
  });
}

async function asTensorFlow(found: Outcome, x: Rows | readonly number[], loss: (x: tf.Tensor) => tf.Tensor) {
  const theirs = tf.tidy(() => {
    const at = tf.tensor(x as number[]);
    return [loss(at), tf.grad((v) => loss(v).sum())(at)].map((t) => Array.from(t.dataSync()));
  });
  close(found.values, theirs[0]!);
  close(found.gradient, theirs[1]!);
}

const CLASSES = yearClasses(20, 31);
const K = CLASSES.length;
const AGES = CLASSES.map((c) => c.from);
const targets = (labels: readonly AgeLabel[]): number[][] =>
  labels.map((label) => [...ageTarget(CLASSES, label)]);
const LABELS: readonly AgeLabel[] = [{ age: 23 }, { age: 27.2, std: 2 }, { age: 31 }, { age: 20, std: 3 }];
const logits = (rows: number, columns = K, seed = 1): number[][] =>
  Array.from({ length: rows }, (_, i) => [...noise(columns, seed + i).map((v) => 4 * v)]);

describe('cross-entropy against class weights', () => {
  it('of distributions is TensorFlow.js’s', async () => {
    const [z, w] = [logits(4), targets(LABELS)];
    await asTensorFlow(await evaluate(crossEntropy, z, w), z, (x) =>
      tf.losses.softmaxCrossEntropy(tf.tensor2d(w), x as tf.Tensor2D, undefined, 0, tf.Reduction.NONE),
    );
  });

  it('of intervals is the logarithm of the probability inside', async () => {
    const labels = [
      { from: 22, to: 26 },
      { from: 20, to: 31 },
      { from: 30, to: 40 },
    ];
    const [z, w] = [logits(3), targets(labels)];
    const found = await evaluate(crossEntropy, z, w);
    await asTensorFlow(found, z, (x) => tf.softmax(x).mul(tf.tensor2d(w)).sum(1).log().neg());
    expect(found.values[1]).toBeCloseTo(0, 6);
  });

  it('of a class that lies partly inside counts it by its share', async () => {
    const loss = await valuesOf(crossEntropy, [[0, 0, 0, 0]], [[0, 0.5, 1, 0]]);
    close(loss, [-Math.log(1.5 / 4)]);
  });

  it('stays finite, with finite gradients, at probability 0', async () => {
    const far = [1e4, -1e4, 0, 0];
    const { values, gradient } = await evaluate(
      crossEntropy,
      [far, far, far, far],
      [
        [0, 1, 0, 0],
        [0, 1, 1, 0],
        [1, 0, 0, 0],
        [0, 0.5, 0, 0.5],
      ],
    );
    close(values, [2e4, 1e4, 0, 1.5e4]);
    close(gradient, [1, -1, 0, 0, 1, 0, -1, 0, 0, 0, 0, 0, 1, -0.5, 0, -0.5]);
  });

  it('of no label is 0, its gradient too', async () => {
    const { values, gradient } = await evaluate(crossEntropy, logits(1), [new Array<number>(K).fill(0)]);
    expect(values[0]).toBeCloseTo(0, 12);
    expect(gradient.every((v) => v === 0)).toBe(true);
  });
});

/** A loss of logits through their expectation. */
const ofExpectation =
  (loss: (g: GraphBuilder, age: Value, low: Value, high: Value) => Value) =>
  (g: GraphBuilder, z: Value, low: Value, high: Value): Value =>
    loss(g, expectedAge(g, g.op('Softmax', [z], { axis: 1 }), AGES), low, high);

const tfExpectation = (z: tf.Tensor): tf.Tensor1D => tf.softmax(z).mul(tf.tensor1d(AGES)).sum(1);

describe('losses on the expectation', () => {
  const z = logits(4, K, 20);
  const ages = [23, 27.2, 31, 20];

  it('are absolute', async () => {
    const loss = ofExpectation((g, age, low, high) => absoluteLoss(g, age, { low, high }));
    await asTensorFlow(await evaluate(loss, z, ages, ages), z, (x) => tfExpectation(x).sub(ages).abs());
  });

  it.each([0.5, 3])('are Huber’s with a bend at %d years', async (delta) => {
    const loss = ofExpectation((g, age, low, high) => huberLoss(g, age, { low, high }, delta));
    await asTensorFlow(await evaluate(loss, z, ages, ages), z, (x) =>
      tf.losses.huberLoss(tf.tensor1d(ages), tfExpectation(x), undefined, delta, tf.Reduction.NONE),
    );
  });

  it('are 0 inside an interval and the distance outside', async () => {
    const { values, gradient } = await evaluate(
      (g, age, low, high) => absoluteLoss(g, age, { low, high }),
      [18, 20, 25, 29, 34],
      [20, 20, 20, 20, 20],
      [29, 29, 29, 29, 29],
    );
    expect(values).toEqual([2, 0, 0, 0, 5]);
    expect(gradient.map((v) => v + 0)).toEqual([-1, 0, 0, 0, 1]);
  });

  it('refuse a bend that is not above 0', () => {
    const g = new GraphBuilder();
    const age = g.input('age', 'float32', ['N']);
    expect(() => huberLoss(g, age, { low: age, high: age }, 0)).toThrow('above 0 years, found 0');
  });

  it('hold the mean and the variance as Pan et al. do', async () => {
    const mean = ofExpectation((g, age, low, high) => meanLoss(g, age, { low, high }));
    await asTensorFlow(await evaluate(mean, z, ages, ages), z, (x) =>
      tfExpectation(x).sub(ages).square().div(2),
    );
    const variance = await evaluate((g, x) => varianceLoss(g, g.op('Softmax', [x], { axis: 1 }), AGES), z);
    await asTensorFlow(variance, z, (x) => {
      const m = tfExpectation(x).expandDims(1);
      return tf.softmax(x).mul(tf.tensor1d(AGES).sub(m).square()).sum(1);
    });
  });

  it('know the variance of two equal halves', async () => {
    const variance = (g: GraphBuilder, p: Value) => varianceLoss(g, p, [10, 20, 30]);
    close(await valuesOf(variance, [[0.5, 0, 0.5]]), [100]);
  });
});

describe('CORAL', () => {
  const levels = (age: number): number[] => AGES.slice(0, -1).map((rank) => Number(age > rank));

  it('of exact ages is the sum of the questions’ cross-entropies', async () => {
    const ages = [20, 23, 31];
    const [z, w] = [logits(3, K - 1), targets(ages.map((age) => ({ age })))];
    await asTensorFlow(await evaluate(coralLoss, z, w), z, (x) =>
      tf.losses
        .sigmoidCrossEntropy(tf.tensor2d(ages.map(levels)), x as tf.Tensor2D, undefined, 0, tf.Reduction.NONE)
        .sum(1),
    );
  });

  it('answers by the probability above each class', async () => {
    const { values, gradient } = await evaluate(coralLoss, [[0, 0]], [[0.25, 0.5, 0.25]]);
    close(values, [2 * Math.LN2]);
    close(gradient, [0.5 - 0.75, 0.5 - 0.25]);
  });

  it('leaves the questions inside an interval open, and all if there is no label', async () => {
    const z = [0, 0, 0, 0];
    const { values, gradient } = await evaluate(
      coralLoss,
      [z, z],
      [
        [0, 1, 1, 1, 0],
        [0, 0, 0, 0, 0],
      ],
    );
    close(values, [2 * Math.LN2, 0]);
    close(gradient, [-0.5, 0, 0, 0.5, 0, 0, 0, 0]);
  });

  it('stays finite at extremes', async () => {
    const { values, gradient } = await evaluate(coralLoss, [[1e4, -1e4]], [[1, 0, 0]]);
    close(values, [1e4]);
    close(gradient, [1, 0]);
  });

  it('decodes to the differences of its answers', async () => {
    const logit = (p: number) => Math.log(p / (1 - p));
    const found = await valuesOf(coralDistribution, [[logit(0.9), logit(0.6), logit(0.2)]]);
    close(found, [0.1, 0.3, 0.4, 0.2]);
  });

  it('decodes answers out of order to a distribution all the same', async () => {
    const found = await valuesOf(coralDistribution, [[-1e4, 1e4, -2, 3]]);
    expect(found.every((p) => p >= 0)).toBe(true);
    expect(found.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  });
});

describe('cross-entropy of gender', () => {
  it('of two logits is the softmax’s', async () => {
    const [z, second] = [logits(3, 2), [0, 1, 0.3]];
    const w = second.map((t) => [1 - t, t]);
    await asTensorFlow(await evaluate(genderCrossEntropy, z, second), z, (x) =>
      tf.losses.softmaxCrossEntropy(tf.tensor2d(w), x as tf.Tensor2D, undefined, 0, tf.Reduction.NONE),
    );
  });

  it('of one logit is the sigmoid’s', async () => {
    const [z, second] = [
      [[0], [3], [-2.5]],
      [0, 1, 0.3],
    ];
    await asTensorFlow(await evaluate(genderCrossEntropy, z, second), z, (x) =>
      tf.losses
        .sigmoidCrossEntropy(tf.tensor2d(second, [3, 1]), x as tf.Tensor2D, undefined, 0, tf.Reduction.NONE)
        .reshape([3]),
    );
  });

  it('stays finite at extremes', async () => {
    const { values, gradient } = await evaluate(
      genderCrossEntropy,
      [
        [1e4, -1e4],
        [1e4, -1e4],
      ],
      [1, 0],
    );
    close(values, [2e4, 0]);
    close(gradient, [1, -1, 0, 0]);
  });

  it('refuses more logits than two', () => {
    const g = new GraphBuilder();
    const z = g.input('z', 'float32', ['N', 3]);
    expect(() => genderCrossEntropy(g, z, z)).toThrow('1 or 2 logits, found 3');
  });
});

describe('losses in the oldest operator set', () => {
  it.each([
    ['crossEntropy', crossEntropy, K],
    ['coralLoss', coralLoss, K - 1],
  ] as const)('%s is the same', async (_, loss, columns) => {
    const [z, w] = [logits(3, columns), targets([{ age: 22 }, { age: 30, std: 2 }, { from: 21, to: 24 }])];
    const [old, now] = [await evaluateAt(13, loss, [z, w]), await evaluate(loss, z, w)];
    close(old.values, now.values, 1e-6);
    close(old.gradient, now.gradient, 1e-6);
  });

  it('expectation, variance, gender and their sum are the same', async () => {
    const all = (g: GraphBuilder, z: Value, ages: Value, known: Value) => {
      const p = g.op('Softmax', [z], { axis: 1 });
      const range = { low: ages, high: ages };
      const age = expectedAge(g, p, AGES);
      const pair = g.op('Slice', [z, g.ints([0]), g.ints([2]), g.ints([1])]);
      return totalLoss(g, {
        huber: { losses: huberLoss(g, age, range, 1), factor: 1 },
        mean: { losses: meanLoss(g, age, range), factor: 0.2 },
        variance: { losses: varianceLoss(g, p, AGES), factor: 0.05 },
        gender: { losses: genderCrossEntropy(g, pair, known), weights: known, factor: 0.5 },
      }).total;
    };
    const inputs = [logits(3), [22, 25, 30], [1, 0, 1]];
    const [old, now] = [await evaluateAt(13, all, inputs), await evaluate(all, ...inputs)];
    close(old.values, now.values, 1e-6);
    close(old.gradient, now.gradient, 1e-6);
  });
});

describe('the mean over samples', () => {
  it('is weighted, and does not see samples that lack the label', async () => {
    const { values, gradient } = await evaluate(weightedMean, [2, Number.NaN, 5], [1, 0, 3]);
    close(values, [17 / 4]);
    close(gradient, [1 / 4, 0, 3 / 4]);
  });

  it('of none is 0, its gradient too', async () => {
    const { values, gradient } = await evaluate(weightedMean, [2, 7], [0, 0]);
    expect(values).toEqual([0]);
    expect(gradient).toEqual([0, 0]);
  });

  it('is plain if no weights are given', async () => {
    close(await valuesOf((g, x) => weightedMean(g, x), [2, 7]), [4.5]);
  });
});

describe('the weighted sum of losses', () => {
  const both = (g: GraphBuilder, age: Value, gender: Value, known: Value) =>
    totalLoss(g, {
      age: { losses: age, factor: 2 },
      gender: { losses: gender, weights: known, factor: 0.5 },
    });

  it('adds means by their factors', async () => {
    const loss = (g: GraphBuilder, a: Value, b: Value, w: Value) => both(g, a, b, w).total;
    close(await valuesOf(loss, [1, 3], [10, 20], [0, 1]), [2 * 2 + 0.5 * 20]);
    close(await valuesOf(loss, [1, 3], [10, 20], [0, 0]), [2 * 2]);
  });

  it('shows each mean', async () => {
    const loss = (g: GraphBuilder, b: Value, a: Value, w: Value) => both(g, a, b, w).parts.gender;
    close(await valuesOf(loss, [10, 20], [1, 3], [1, 1]), [15]);
  });

  it('refuses to be of none', () => {
    expect(() => totalLoss(new GraphBuilder(), {})).toThrow('one loss or more, found none');
  });
});
