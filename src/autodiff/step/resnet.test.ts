/** A small ResNet with batch norm, trained for five steps: losses, weights and statistics beside TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { noise, random } from '../../../test/support/execute.js';
import { StepRunner } from '../../../test/support/step-runner.js';
import { float32, GraphBuilder, type Model, type Tensor, type Value } from '../../onnx/index.js';
import { type Optimizer, trainingStep } from './index.js';

const [BATCH, SIZE, CLASSES, STEPS] = [8, 16, 5, 5];
const [MOMENTUM, EPSILON] = [0.9, 1e-5];

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** What the two frameworks build the same network from. */
interface Framework<T> {
  conv(x: T, name: string, stride: number): T;
  norm(x: T, name: string): T;
  relu(x: T): T;
  maxPool(x: T): T;
  add(a: T, b: T): T;
}

/** The features of a ResNet of two blocks, the second of which halves the picture and doubles the channels. */
function features<T>(f: Framework<T>, x: T): T {
  const layer = (v: T, name: string, stride = 1) => f.norm(f.conv(v, name, stride), name);
  const stem = f.maxPool(f.relu(layer(x, 'stem')));
  const first = f.relu(f.add(layer(f.relu(layer(stem, 'block1.a')), 'block1.b'), stem));
  const outer = layer(f.relu(layer(first, 'block2.a', 2)), 'block2.b');
  return f.relu(f.add(outer, layer(first, 'block2.skip', 2)));
}

/** Weights in ONNX's layout, `[out, in, height, width]`. */
const CONVOLUTIONS: Readonly<Record<string, readonly [number, number, number, number]>> = {
  stem: [6, 3, 3, 3],
  'block1.a': [6, 6, 3, 3],
  'block1.b': [6, 6, 3, 3],
  'block2.a': [12, 6, 3, 3],
  'block2.b': [12, 12, 3, 3],
  'block2.skip': [12, 6, 1, 1],
};

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

const initialWeights = (): Tensor[] => [
  ...Object.entries(CONVOLUTIONS).flatMap(([name, dims], i) => {
    const bound = Math.sqrt(6 / product(dims.slice(1)));
    const [channels] = dims;
    return [
      float32(
        `${name}.weight`,
        dims,
        noise(product(dims), i + 1).map((v) => v * bound),
      ),
      float32(
        `${name}.scale`,
        [channels],
        noise(channels, 50 + i).map((v) => 1 + v / 4),
      ),
      float32(
        `${name}.bias`,
        [channels],
        noise(channels, 70 + i).map((v) => v / 4),
      ),
    ];
  }),
  float32(
    'fc.weight',
    [CLASSES, 12],
    noise(CLASSES * 12, 90).map((v) => v / 2),
  ),
  float32('fc.bias', [CLASSES], new Float32Array(CLASSES)),
];

const valuesOf = (t: Tensor): Float32Array =>
  new Float32Array(t.data.buffer as ArrayBuffer, t.data.byteOffset, product(t.dims));

function forward(): Model {
  const g = new GraphBuilder({ name: 'resnet' });
  const image = g.input('image', 'float32', ['N', 3, SIZE, SIZE]);
  const target = g.input('target', 'float32', ['N', CLASSES]);
  const weights = new Map(
    initialWeights().map((t) => [t.name, g.parameter(t.name, 'float32', t.dims, valuesOf(t))]),
  );
  const framework: Framework<Value> = {
    conv: (x, name, stride) => {
      const w = weights.get(`${name}.weight`)!;
      const pad = (w.size(2) - 1) / 2;
      return g.op('Conv', [x, w], { strides: [stride, stride], pads: [pad, pad, pad, pad] });
    },
    norm: (x, name) => {
      const affine = ['scale', 'bias'].map((part) => weights.get(`${name}.${part}`)!);
      const channels = CONVOLUTIONS[name]![0];
      const running = [
        g.parameter(`${name}.mean`, 'float32', [channels], new Float32Array(channels)),
        g.parameter(`${name}.variance`, 'float32', [channels], new Float32Array(channels).fill(1)),
      ];
      const attributes = { training_mode: 1, momentum: MOMENTUM, epsilon: EPSILON };
      return g.ops('BatchNormalization', 3, [x, ...affine, ...running], attributes)[0];
    },
    relu: (x) => g.op('Relu', [x]),
    maxPool: (x) => g.op('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
    add: (a, b) => g.op('Add', [a, b]),
  };
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [features(framework, image)])]);
  const logits = g.op('Gemm', [pooled, weights.get('fc.weight')!, weights.get('fc.bias')!], { transB: 1 });
  const likelihood = g.op('Mul', [g.op('LogSoftmax', [logits]), target]);
  const each = g.op('ReduceSum', [likelihood, g.ints([1])], { keepdims: 0 });
  g.output(g.op('Neg', [g.op('ReduceMean', [each], { keepdims: 0 })]), 'loss');
  return g.build();
}

function batch(step: number): { image: Float32Array; labels: number[] } {
  const next = random(1000 + step);
  const labels = Array.from({ length: BATCH }, () => Math.floor(next() * CLASSES));
  return { image: noise(BATCH * 3 * SIZE * SIZE, 500 + step), labels };
}

interface Trajectory {
  readonly losses: readonly number[];
  readonly values: ReadonlyMap<string, Float32Array>;
}

async function ours(
  optimizer: Optimizer,
  learning_rate: number,
  batchNorm: 'native' | 'primitives',
): Promise<Trajectory> {
  const groups = [{ parameters: initialWeights().map((t) => t.name) }];
  const runner = new StepRunner(trainingStep(forward(), { loss: 'loss', groups, optimizer }), { batchNorm });
  const losses: number[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const { image, labels } = batch(step);
    const hot = labels.flatMap((label) => Array.from({ length: CLASSES }, (_, k) => Number(k === label)));
    const fed = [float32('image', [BATCH, 3, SIZE, SIZE], image), float32('target', [BATCH, CLASSES], hot)];
    const found = await runner.update(fed, { learning_rate, step });
    losses.push(Number(found.get('loss')!.values[0]));
  }
  const values = [...runner.state].map(([name, t]): [string, Float32Array] => [name, valuesOf(t)]);
  return { losses, values: new Map(values) };
}

const around = (pad: number) =>
  [
    [0, 0],
    [pad, pad],
    [pad, pad],
    [0, 0],
  ] as const;

/** TensorFlow.js's course. `decay` is taken off weights with more than one axis before each update, as AdamW does. */
function theirs(optimizer: tf.Optimizer, decay: number): Trajectory {
  const weights = new Map(
    initialWeights().map((t) => [t.name, tf.variable(tf.tensor(valuesOf(t), [...t.dims]))]),
  );
  const running = new Map<string, Float32Array>();
  const losses: number[] = [];
  /** PyTorch's running statistics: `ratio` turns the population's variance into the sample's. */
  const follow = (name: string, now: tf.Tensor, start: number, ratio: number) => {
    const seen = now.dataSync();
    const old = running.get(name) ?? new Float32Array(seen.length).fill(start);
    running.set(
      name,
      old.map((v, c) => MOMENTUM * v + (1 - MOMENTUM) * ratio * seen[c]!),
    );
  };
  const framework: Framework<tf.Tensor4D> = {
    conv: (x, name, stride) => {
      const w = weights.get(`${name}.weight`)!;
      const pad = (w.shape[2]! - 1) / 2;
      return tf.conv2d(x, w.transpose([2, 3, 1, 0]) as tf.Tensor4D, stride, around(pad) as never);
    },
    norm: (x, name) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      const count = x.size / x.shape[3];
      follow(`${name}.mean`, mean, 0, 1);
      follow(`${name}.variance`, variance, 1, count / (count - 1));
      const of = (part: string) => weights.get(`${name}.${part}`) as unknown as tf.Tensor1D;
      return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, of('bias'), of('scale'), EPSILON);
    },
    relu: (x) => tf.relu(x),
    maxPool: (x) => tf.maxPool(x, 3, 2, around(1) as never),
    add: (a, b) => tf.add(a, b),
  };
  for (let step = 1; step <= STEPS; step++) {
    const { image, labels } = batch(step);
    // The decay comes with the update, so the gradient is to be taken of the weights before it.
    const taken = new Map(
      [...weights].map(([name, w]) => [name, w.shape.length > 1 ? w.mul(decay) : undefined]),
    );
    const loss = optimizer.minimize(() => {
      const images = tf.tensor(image, [BATCH, 3, SIZE, SIZE]).transpose([0, 2, 3, 1]) as tf.Tensor4D;
      const pooled = tf.mean(features(framework, images), [1, 2]) as tf.Tensor2D;
      const fc = weights.get('fc.weight') as unknown as tf.Tensor2D;
      const logits = tf.matMul(pooled, fc, false, true).add(weights.get('fc.bias')!);
      return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, CLASSES), logits) as tf.Scalar;
    }, true);
    for (const [name, part] of taken) if (part) weights.get(name)!.assign(weights.get(name)!.sub(part));
    losses.push(loss!.dataSync()[0]!);
  }
  const values = [...weights].map(([name, w]): [string, Float32Array] => [
    name,
    w.dataSync() as Float32Array,
  ]);
  return { losses, values: new Map([...values, ...running]) };
}

const rms = (values: Float32Array): number =>
  Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);

const minus = (a: Float32Array, b: Float32Array): Float32Array => a.map((v, i) => v - b[i]!);

type Row = [name: string, optimizer: Optimizer, rate: number, tfjs: () => tf.Optimizer, decay: number];
const rows: Row[] = [
  [
    'SGD with Nesterov momentum',
    { kind: 'sgd', momentum: 0.9, nesterov: true },
    0.05,
    () => tf.train.momentum(0.05, 0.9, true),
    0,
  ],
  ['AdamW', { kind: 'adamw', weightDecay: 0.1 }, 2e-3, () => tf.train.adam(2e-3, 0.9, 0.999, 1e-8), 2e-4],
];

describe.each(rows)('five steps of a small ResNet by %s', (_, optimizer, rate, tfjs, decay) => {
  let expected: Trajectory;
  beforeAll(() => {
    expected = theirs(tfjs(), decay);
  });

  it.each(['native', 'primitives'] as const)('follow TensorFlow.js, batch norm %s', async (batchNorm) => {
    const found = await ours(optimizer, rate, batchNorm);
    // The network has to learn something for the comparison to mean anything.
    expect(new Set(expected.losses.map((v) => v.toFixed(2))).size).toBeGreaterThan(2);
    found.losses.forEach((loss, step) => {
      expect(Math.abs(loss / expected.losses[step]! - 1), `loss ${step + 1}`).toBeLessThan(1e-3);
    });
    for (const start of initialWeights()) {
      const end = expected.values.get(start.name)!;
      const update = rms(minus(end, valuesOf(start)));
      expect(update, start.name).toBeGreaterThan(1e-4);
      expect(rms(minus(found.values.get(start.name)!, end)) / update, start.name).toBeLessThan(1e-2);
    }
    for (const name of Object.keys(CONVOLUTIONS).flatMap((layer) => [`${layer}.mean`, `${layer}.variance`])) {
      const end = expected.values.get(name)!;
      expect(rms(minus(found.values.get(name)!, end)) / rms(end), name).toBeLessThan(1e-4);
    }
  });
});
