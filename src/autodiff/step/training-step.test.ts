/** Updates against TensorFlow.js's optimizers, and against PyTorch's formulas in float64. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../../../test/support/execute.js';
import { StepRunner } from '../../../test/support/step-runner.js';
import { float32, GraphBuilder, type Model, type Tensor } from '../../onnx/index.js';
import {
  carriedState,
  GRADIENT_NORM,
  type Optimizer,
  type ParameterGroup,
  type TrainingStepOptions,
  trainingStep,
} from './index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const [ROWS, INPUTS, OUTPUTS] = [8, 3, 2];
const WEIGHT = noise(OUTPUTS * INPUTS, 1);
const BIAS = noise(OUTPUTS, 2);
const RATE = 0.05;
const STEPS = 6;

/** Least squares: the mean of (x·wᵀ + b − t)² over all elements. */
function regression(): Model {
  const g = new GraphBuilder();
  const x = g.input('x', 'float32', ['N', INPUTS]);
  const t = g.input('t', 'float32', ['N', OUTPUTS]);
  const w = g.parameter('weight', 'float32', [OUTPUTS, INPUTS], WEIGHT);
  const b = g.parameter('bias', 'float32', [OUTPUTS], BIAS);
  const y = g.op('Gemm', [x, w, b], { transB: 1 });
  const error = g.op('Sub', [y, t]);
  g.output(g.op('ReduceMean', [g.op('Mul', [error, error])], { keepdims: 0 }), 'loss');
  g.output(y, 'y');
  return g.build();
}

interface Batch {
  readonly x: Float32Array;
  readonly t: Float32Array;
}

const batch = (step: number): Batch => ({
  x: noise(ROWS * INPUTS, 100 + step),
  t: noise(ROWS * OUTPUTS, 200 + step).map((v) => 2 * v),
});

const feeds = ({ x, t }: Batch): Tensor[] => [
  float32('x', [x.length / INPUTS, INPUTS], x),
  float32('t', [t.length / OUTPUTS, OUTPUTS], t),
];

type Weights = readonly [weight: readonly number[], bias: readonly number[]];

const BOTH: readonly ParameterGroup[] = [{ parameters: ['weight', 'bias'] }];

async function ours(optimizer: Optimizer, options: Partial<TrainingStepOptions> = {}): Promise<Weights> {
  const runner = new StepRunner(
    trainingStep(regression(), { loss: 'loss', groups: BOTH, optimizer, ...options }),
  );
  for (let step = 1; step <= STEPS; step++) {
    await runner.update(feeds(batch(step)), { learning_rate: RATE, step });
  }
  return [runner.values('weight'), runner.values('bias')];
}

function close(found: Weights, expected: Weights, tolerance = 2e-6): void {
  expected.forEach((values, k) => {
    values.forEach((v, i) => {
      expect(Math.abs(found[k]![i]! - v), `${k === 0 ? 'weight' : 'bias'} ${i}`).toBeLessThan(tolerance);
    });
  });
}

/** The gradient of the regression's loss, in float64. */
function gradientOf([w, b]: Weights, { x, t }: Batch): Weights {
  const dw = w.map(() => 0);
  const db = b.map(() => 0);
  for (let n = 0; n < x.length / INPUTS; n++) {
    for (let o = 0; o < OUTPUTS; o++) {
      let y = b[o]!;
      for (let i = 0; i < INPUTS; i++) y += w[o * INPUTS + i]! * x[n * INPUTS + i]!;
      const d = (2 * (y - t[n * OUTPUTS + o]!)) / t.length;
      db[o]! += d;
      for (let i = 0; i < INPUTS; i++) dw[o * INPUTS + i]! += d * x[n * INPUTS + i]!;
    }
  }
  return [dw, db];
}

interface Settings {
  /** Weight decays of the weight and of the bias. */
  readonly decay: readonly [number, number];
  /** Learning rates of both. */
  readonly rate?: readonly [number, number];
  /** Turns gradients before they are used, as clipping does. */
  readonly change?: (gradient: Weights) => Weights;
}

type Rule = (w: number, d: number, slots: number[], rate: number, decay: number, t: number) => number;

/** Applies a rule that stands for one element, `slots` being what it keeps from step to step. */
function reference(rule: Rule, { decay, rate = [RATE, RATE], change = (d) => d }: Settings): Weights {
  let weights: Weights = [[...WEIGHT], [...BIAS]];
  const slots = weights.map((values) => values.map(() => [0, 0]));
  for (let t = 1; t <= STEPS; t++) {
    const found = change(gradientOf(weights, batch(t)));
    weights = weights.map((values, k) =>
      values.map((w, i) => rule(w, found[k]![i]!, slots[k]![i]!, rate[k]!, decay[k]!, t)),
    ) as unknown as Weights;
  }
  return weights;
}

// https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
const torchSgd =
  (momentum: number, nesterov: boolean): Rule =>
  (w, d, slots, rate, decay, t) => {
    let g = d + decay * w;
    if (momentum !== 0) {
      slots[0] = t > 1 ? momentum * slots[0]! + g : g;
      g = nesterov ? g + momentum * slots[0] : slots[0];
    }
    return w - rate * g;
  };

// https://pytorch.org/docs/stable/generated/torch.optim.Adam.html and AdamW.html
const torchAdam =
  (decoupled: boolean, [beta1, beta2, epsilon]: readonly [number, number, number]): Rule =>
  (w, d, slots, rate, decay, t) => {
    const g = decoupled ? d : d + decay * w;
    const kept = decoupled ? w - rate * decay * w : w;
    slots[0] = beta1 * slots[0]! + (1 - beta1) * g;
    slots[1] = beta2 * slots[1]! + (1 - beta2) * g * g;
    const [m, v] = [slots[0] / (1 - beta1 ** t), slots[1] / (1 - beta2 ** t)];
    return kept - (rate * m) / (Math.sqrt(v) + epsilon);
  };

function theirs(optimizer: tf.Optimizer): Weights {
  const w = tf.variable(tf.tensor2d(WEIGHT, [OUTPUTS, INPUTS]));
  const b = tf.variable(tf.tensor1d(BIAS));
  for (let step = 1; step <= STEPS; step++) {
    const { x, t } = batch(step);
    optimizer.minimize(() => {
      const y = tf.matMul(tf.tensor2d(x, [ROWS, INPUTS]), w, false, true).add(b);
      return y
        .sub(tf.tensor2d(t, [ROWS, OUTPUTS]))
        .square()
        .mean() as tf.Scalar;
    });
  }
  return [[...w.dataSync()], [...b.dataSync()]];
}

describe('updates as TensorFlow.js makes them', () => {
  it('SGD', async () => close(await ours({ kind: 'sgd' }), theirs(tf.train.sgd(RATE))));

  it.each([false, true])('SGD with momentum, Nesterov: %s', async (nesterov) => {
    const found = await ours({ kind: 'sgd', momentum: 0.9, nesterov });
    close(found, theirs(tf.train.momentum(RATE, 0.9, nesterov)));
  });

  it('Adam', async () => {
    // Its corrections are in float32, 1e-5 off at the first step.
    const found = await ours({ kind: 'adam', beta2: 0.99, epsilon: 1e-6 });
    close(found, theirs(tf.train.adam(RATE, 0.9, 0.99, 1e-6)), 1e-5);
  });
});

describe('updates as PyTorch makes them', () => {
  it('SGD with decay, only of weights', async () => {
    const found = await ours({ kind: 'sgd', weightDecay: 0.3 });
    close(found, reference(torchSgd(0, false), { decay: [0.3, 0] }));
  });

  it.each([false, true])('SGD with momentum and decay, Nesterov: %s', async (nesterov) => {
    const found = await ours({ kind: 'sgd', momentum: 0.8, nesterov, weightDecay: 0.3 });
    close(found, reference(torchSgd(0.8, nesterov), { decay: [0.3, 0] }));
  });

  it.each([
    ['Adam', { kind: 'adam', weightDecay: 0.2 }, 0.2],
    ['AdamW', { kind: 'adamw', weightDecay: 0.2 }, 0.2],
    ['AdamW with its own decay', { kind: 'adamw' }, 0.01],
    ['Adam without decay', { kind: 'adam' }, 0],
  ] as const)('%s', async (_, optimizer, decay) => {
    const rule = torchAdam(optimizer.kind === 'adamw', [0.9, 0.999, 1e-8]);
    close(await ours(optimizer), reference(rule, { decay: [decay, 0] }));
  });

  it('Adam with other betas and a large epsilon', async () => {
    const found = await ours({ kind: 'adam', beta1: 0.7, beta2: 0.95, epsilon: 0.1 });
    close(found, reference(torchAdam(false, [0.7, 0.95, 0.1]), { decay: [0, 0] }));
  });

  it('groups with rates and decays of their own', async () => {
    const groups: ParameterGroup[] = [
      { parameters: ['bias'], rate: 0.1, weightDecay: 0.4 },
      { parameters: ['weight'] },
    ];
    for (const kind of ['sgd', 'adamw'] as const) {
      const rule = kind === 'sgd' ? torchSgd(0, false) : torchAdam(true, [0.9, 0.999, 1e-8]);
      const found = await ours({ kind, weightDecay: 0.2 }, { groups });
      close(found, reference(rule, { decay: [0.2, 0.4], rate: [RATE, 0.1 * RATE] }));
    }
  });

  // https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
  const clipped =
    (longest: number) =>
    (gradient: Weights): Weights => {
      const norm = Math.hypot(...gradient.flat());
      const factor = Math.min(1, longest / (norm + 1e-6));
      return gradient.map((values) => values.map((v) => v * factor)) as unknown as Weights;
    };

  it.each([
    ['SGD', { kind: 'sgd', momentum: 0.9 }, torchSgd(0.9, false), 0],
    ['Adam', { kind: 'adam', weightDecay: 0.2 }, torchAdam(false, [0.9, 0.999, 1e-8]), 0.2],
    ['AdamW', { kind: 'adamw', weightDecay: 0.2 }, torchAdam(true, [0.9, 0.999, 1e-8]), 0.2],
  ] as const)('%s with gradients clipped by their common norm', async (_, optimizer, rule, decay) => {
    const norms = Array.from({ length: STEPS }, (_, t) =>
      Math.hypot(...gradientOf([[...WEIGHT], [...BIAS]], batch(t + 1)).flat()),
    );
    const longest = (Math.min(...norms) + Math.max(...norms)) / 2;
    const found = await ours(optimizer, { clipNorm: longest });
    const unclipped = await ours(optimizer);
    expect(Math.abs(found[0][0]! - unclipped[0][0]!)).toBeGreaterThan(1e-5);
    close(found, reference(rule, { decay: [decay, 0], change: clipped(longest) }));
  });
});

describe('a training step', () => {
  const sgd: Optimizer = { kind: 'sgd', momentum: 0.9 };

  it('returns the forward outputs and the norm of the gradient unchanged before the update', async () => {
    const runner = new StepRunner(
      trainingStep(regression(), { loss: 'loss', groups: BOTH, optimizer: sgd, clipNorm: 1e-3 }),
    );
    const found = await runner.update(feeds(batch(1)), { learning_rate: RATE, step: 1 });
    const { x, t } = batch(1);
    const y = Array.from({ length: ROWS * OUTPUTS }, (_, k) => {
      const [n, o] = [Math.floor(k / OUTPUTS), k % OUTPUTS];
      return WEIGHT.slice(o * INPUTS, (o + 1) * INPUTS).reduce(
        (s, w, i) => s + w * x[n * INPUTS + i]!,
        BIAS[o]!,
      );
    });
    const loss = y.reduce((s, v, k) => s + (v - t[k]!) ** 2, 0) / y.length;
    expect(found.get('loss')!.values[0]).toBeCloseTo(loss, 5);
    Array.from(found.get('y')!.values, Number).forEach((v, k) => {
      expect(v).toBeCloseTo(y[k]!, 5);
    });
    const norm = Math.hypot(...gradientOf([[...WEIGHT], [...BIAS]], batch(1)).flat());
    expect(found.get(GRADIENT_NORM)!.dims).toEqual([]);
    expect(found.get(GRADIENT_NORM)!.values[0]).toBeCloseTo(norm, 5);
  });

  it('describes its state', () => {
    const step = trainingStep(regression(), {
      loss: 'loss',
      groups: [{ parameters: ['bias'] }, { parameters: ['weight'] }],
      optimizer: { kind: 'adamw' },
      averageDecay: 0.99,
      accumulate: true,
    });
    const described = step.state.map(({ name, kind, of, shape }) => [name, kind, of, shape.join()]);
    expect(described.sort()).toEqual(
      [
        ['weight', 'weight', 'weight', '2,3'],
        ['bias', 'weight', 'bias', '2'],
        ...['moment1', 'moment2', 'average', 'accumulator'].flatMap((kind) => [
          [`${kind}.weight`, kind, 'weight', '2,3'],
          [`${kind}.bias`, kind, 'bias', '2'],
        ]),
      ].sort(),
    );
    expect(step.state.filter((entry) => entry.initial === 'zeros').map((entry) => entry.kind)).toEqual(
      expect.arrayContaining(['moment1', 'moment2', 'accumulator']),
    );
  });

  it('shows what each of its graphs carries over', () => {
    const groups = [{ parameters: ['bias'] }];
    const step = trainingStep(regression(), { loss: 'loss', groups, optimizer: sgd, accumulate: true });
    const renewed = (name: string) => ({ input: name, output: `next.${name}` });
    const kept = (name: string) => ({ input: name, output: undefined });
    const carried = (model: Model) =>
      carriedState(model, step.state).sort((a, b) => (a.input < b.input ? -1 : 1));
    expect(carried(step.model)).toEqual([
      kept('accumulator.bias'),
      renewed('bias'),
      renewed('momentum.bias'),
    ]);
    expect(carried(step.accumulate!)).toEqual([renewed('accumulator.bias'), kept('bias')]);
  });

  it.each([
    ['SGD', { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 0.1 }],
    ['AdamW', { kind: 'adamw' }],
  ] as const)('%s of four micro-batches is that of all samples at once', async (_, optimizer) => {
    const options = { loss: 'loss', groups: BOTH, optimizer, clipNorm: 0.5 };
    const whole = new StepRunner(trainingStep(regression(), options));
    const parts = new StepRunner(trainingStep(regression(), { ...options, accumulate: true }));
    for (let step = 1; step <= 3; step++) {
      const { x, t } = batch(step);
      const at = await whole.update(feeds({ x, t }), { learning_rate: RATE, step });
      const share = (k: number): Batch => ({
        x: x.slice((k * x.length) / 4, ((k + 1) * x.length) / 4),
        t: t.slice((k * t.length) / 4, ((k + 1) * t.length) / 4),
      });
      for (let k = 0; k < 3; k++) await parts.accumulate(feeds(share(k)));
      const last = await parts.update(feeds(share(3)), { learning_rate: RATE, step, micro_batches: 4 });
      expect(last.get(GRADIENT_NORM)!.values[0]).toBeCloseTo(Number(at.get(GRADIENT_NORM)!.values[0]), 5);
      close(
        [parts.values('weight'), parts.values('bias')],
        [whole.values('weight'), whole.values('bias')],
        1e-6,
      );
    }
  });

  it('keeps moving averages of the weights', async () => {
    const runner = new StepRunner(
      trainingStep(regression(), { loss: 'loss', groups: BOTH, optimizer: sgd, averageDecay: 0.3 }),
    );
    const averages = [...WEIGHT];
    for (let step = 1; step <= STEPS; step++) {
      await runner.update(feeds(batch(step)), { learning_rate: RATE, step });
      const decay = Math.min(0.3, (1 + step) / (10 + step));
      runner.values('weight').forEach((w, i) => {
        averages[i] = decay * averages[i]! + (1 - decay) * w;
      });
      runner.values('average.weight').forEach((a, i) => {
        expect(a).toBeCloseTo(averages[i]!, 5);
      });
    }
    // Both the early and the late decay have been in force.
    expect(2 / 11).toBeLessThan(0.3);
    expect((1 + STEPS) / (10 + STEPS)).toBeGreaterThan(0.3);
  });

  it.each([
    [{ loss: 'y2' }, "no output 'y2' to be its loss"],
    [{ groups: [] }, 'one parameter or more, found none'],
    [{ groups: [{ parameters: ['weights'] }] }, "'weights' must be a float32 constant, found not there"],
    [{ groups: [...BOTH, { parameters: ['bias'] }] }, "'bias' is in the groups twice"],
    [{ groups: [{ parameters: ['bias'], rate: 0 }] }, 'rate must be above 0, found 0'],
    [{ groups: [{ parameters: ['bias'], weightDecay: -1 }] }, 'weight decay must be at least 0, found -1'],
    [{ optimizer: { kind: 'sgd', momentum: 1 } }, 'Momentum must be from 0 to below 1, found 1'],
    [{ optimizer: { kind: 'sgd', nesterov: true } }, 'Nesterov needs a momentum'],
    [{ optimizer: { kind: 'adam', beta2: 1.5 } }, 'Beta2 must be from 0 to below 1, found 1.5'],
    [{ clipNorm: Number.NaN }, 'The norm to clip to must be from 0'],
    [{ averageDecay: 1 }, 'The decay of the average must be from 0 to below 1'],
  ] as [Partial<TrainingStepOptions>, string][])('refuses %j', (options, message) => {
    const given = { loss: 'loss', groups: BOTH, optimizer: sgd, ...options };
    expect(() => trainingStep(regression(), given)).toThrow(message);
  });
});
