/** A whole training step, differentiated and lowered, follows TensorFlow.js for as long as rounding lets it. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradients } from '../src/autodiff/index.js';
import { lowerToStandard } from '../src/lowering/standard/index.js';
import { float32, GraphBuilder, type Model, type Tensor, tensor, type Value } from '../src/onnx/index.js';
import { execute, noise, random } from './support/execute.js';

const BATCH = 8;
const SIZE = 16;
const CLASSES = 5;
const RATE = 0.1;
const MOMENTUM = 0.9;
const EPSILON = 1e-5;
const STEPS = 5;

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
function network<T>(f: Framework<T>, x: T): T {
  const layer = (v: T, name: string, stride = 1) => f.norm(f.conv(v, name, stride), name);
  const stem = f.maxPool(f.relu(layer(x, 'stem')));
  const inner = layer(f.relu(layer(stem, 'block1.a')), 'block1.b');
  const first = f.relu(f.add(inner, stem));
  const outer = layer(f.relu(layer(first, 'block2.a', 2)), 'block2.b');
  return f.relu(f.add(outer, layer(first, 'block2.skip', 2)));
}

/** Weights in ONNX's layout, `[out, in, height, width]`. */
const convolutions: Readonly<Record<string, readonly number[]>> = {
  stem: [6, 3, 3, 3],
  'block1.a': [6, 6, 3, 3],
  'block1.b': [6, 6, 3, 3],
  'block2.a': [12, 6, 3, 3],
  'block2.b': [12, 12, 3, 3],
  'block2.skip': [12, 6, 1, 1],
};

const count = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Weights, and running statistics, by name. */
type State = Map<string, { dims: readonly number[]; values: Float32Array }>;

function initialWeights(): State {
  const state: State = new Map();
  Object.entries(convolutions).forEach(([name, dims], i) => {
    const deviation = Math.sqrt(6 / count(dims.slice(1)));
    state.set(`${name}.weight`, { dims, values: noise(count(dims), i + 1).map((v) => v * deviation) });
    const channels = dims[0]!;
    state.set(`${name}.scale`, { dims: [channels], values: noise(channels, 50 + i).map((v) => 1 + v / 4) });
    state.set(`${name}.bias`, { dims: [channels], values: noise(channels, 70 + i).map((v) => v / 4) });
  });
  state.set('fc.weight', { dims: [CLASSES, 12], values: noise(CLASSES * 12, 90).map((v) => v / 2) });
  state.set('fc.bias', { dims: [CLASSES], values: new Float32Array(CLASSES) });
  return state;
}

function initialStatistics(): State {
  return new Map(
    Object.entries(convolutions).flatMap(([name, [channels]]) => [
      [`${name}.mean`, { dims: [channels!], values: new Float32Array(channels!) }],
      [`${name}.variance`, { dims: [channels!], values: new Float32Array(channels!).fill(1) }],
    ]),
  );
}

/** Inputs: images, one-hot targets, the state. Outputs: the loss, and the new state as `next.NAME`. */
function trainingStep(): Model {
  const g = new GraphBuilder({ name: 'step' });
  const image = g.input('image', 'float32', ['N', 3, SIZE, SIZE]);
  const target = g.input('target', 'float32', ['N', CLASSES]);
  const declare = (state: State) =>
    new Map([...state].map(([name, { dims }]) => [name, g.input(name, 'float32', dims)]));
  const weights = declare(initialWeights());
  const statistics = declare(initialStatistics());
  const next = new Map<string, Value>();
  const features = network<Value>(
    {
      conv: (x, name, stride) => {
        const w = weights.get(`${name}.weight`)!;
        const pad = (w.size(2) - 1) / 2;
        return g.op('Conv', [x, w], { strides: [stride, stride], pads: [pad, pad, pad, pad] });
      },
      norm: (x, name) => {
        const of = (state: Map<string, Value>, part: string) => state.get(`${name}.${part}`)!;
        const [y, mean, variance] = g.ops(
          'BatchNormalization',
          3,
          [x, of(weights, 'scale'), of(weights, 'bias'), of(statistics, 'mean'), of(statistics, 'variance')],
          { training_mode: 1, momentum: MOMENTUM, epsilon: EPSILON },
        );
        next.set(`${name}.mean`, mean).set(`${name}.variance`, variance);
        return y;
      },
      relu: (x) => g.op('Relu', [x]),
      maxPool: (x) => g.op('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
      add: (a, b) => g.op('Add', [a, b]),
    },
    image,
  );
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [features])]);
  const logits = g.op('Gemm', [pooled, weights.get('fc.weight')!, weights.get('fc.bias')!], { transB: 1 });
  const likelihood = g.op('Mul', [g.op('LogSoftmax', [logits]), target]);
  const each = g.op('ReduceSum', [likelihood, g.ints([1])], { keepdims: 0 });
  const loss = g.op('Neg', [g.op('ReduceMean', [each], { keepdims: 0 })]);
  g.output(loss, 'loss');
  const names = [...weights.keys()];
  gradients(g, loss, [...weights.values()]).forEach((gradient, i) => {
    const change = g.op('Mul', [gradient, g.scalar(RATE)]);
    next.set(names[i]!, g.op('Sub', [weights.get(names[i]!)!, change]));
  });
  for (const [name, value] of next) g.output(value, `next.${name}`);
  return g.build();
}

interface Batch {
  readonly image: Tensor;
  readonly target: Tensor;
  readonly labels: readonly number[];
}

function batch(step: number): Batch {
  const next = random(1000 + step);
  const labels = Array.from({ length: BATCH }, () => Math.floor(next() * CLASSES));
  const hot = labels.flatMap((label) => Array.from({ length: CLASSES }, (_, k) => Number(k === label)));
  const dims = [BATCH, 3, SIZE, SIZE];
  return {
    image: float32('image', dims, noise(count(dims), 500 + step)),
    target: tensor('target', 'float32', [BATCH, CLASSES], hot),
    labels,
  };
}

interface Trajectory {
  readonly losses: readonly number[];
  readonly weights: State;
  readonly statistics: State;
}

async function ours(batchNorm: 'native' | 'primitives'): Promise<Trajectory> {
  const model = lowerToStandard(trainingStep(), { batchNorm });
  const losses: number[] = [];
  const state: State = new Map([...initialWeights(), ...initialStatistics()]);
  for (let step = 0; step < STEPS; step++) {
    const { image, target } = batch(step);
    const fed = [...state].map(([name, { dims, values }]) => float32(name, dims, values));
    const result = await execute(model, [image, target, ...fed], true);
    losses.push(Number(result.get('loss')!.values[0]));
    for (const [name, { dims }] of state) {
      state.set(name, { dims, values: result.get(`next.${name}`)!.values as Float32Array });
    }
  }
  const isStatistic = (name: string) => /mean|variance$/.test(name);
  return {
    losses,
    weights: new Map([...state].filter(([name]) => !isStatistic(name))),
    statistics: new Map([...state].filter(([name]) => isStatistic(name))),
  };
}

function theirs(): Trajectory {
  const weights = new Map(
    [...initialWeights()].map(([name, { dims, values }]) => [
      name,
      tf.variable(tf.tensor(values, [...dims])),
    ]),
  );
  const running = initialStatistics();
  const losses: number[] = [];
  /** The running value moves towards the batch's; ONNX takes the variance of the population. */
  const move = (name: string, now: tf.Tensor) => {
    const { dims, values } = running.get(name)!;
    const seen = now.dataSync();
    running.set(name, { dims, values: values.map((v, i) => MOMENTUM * v + (1 - MOMENTUM) * seen[i]!) });
  };
  const around = (pad: number) =>
    [
      [0, 0],
      [pad, pad],
      [pad, pad],
      [0, 0],
    ] as const;
  const framework: Framework<tf.Tensor4D> = {
    conv: (x, name, stride) => {
      const w = weights.get(`${name}.weight`)!;
      const pad = (w.shape[2]! - 1) / 2;
      return tf.conv2d(x, w.transpose([2, 3, 1, 0]) as tf.Tensor4D, stride, around(pad) as never);
    },
    norm: (x, name) => {
      const { mean, variance } = tf.moments(x, [0, 1, 2]);
      move(`${name}.mean`, mean);
      move(`${name}.variance`, variance);
      const of = (part: string) => weights.get(`${name}.${part}`) as unknown as tf.Tensor1D;
      return tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, of('bias'), of('scale'), EPSILON);
    },
    relu: (x) => tf.relu(x),
    maxPool: (x) => tf.maxPool(x, 3, 2, around(1) as never),
    add: (a, b) => tf.add(a, b),
  };
  const optimizer = tf.train.sgd(RATE);
  for (let step = 0; step < STEPS; step++) {
    const { image, labels } = batch(step);
    const values = new Float32Array(
      image.data.buffer as ArrayBuffer,
      image.data.byteOffset,
      count(image.dims),
    );
    const loss = optimizer.minimize(() => {
      const images = tf.tensor(values, [...image.dims]).transpose([0, 2, 3, 1]) as tf.Tensor4D;
      const pooled = tf.mean(network(framework, images), [1, 2]) as tf.Tensor2D;
      const fc = weights.get('fc.weight') as unknown as tf.Tensor2D;
      const logits = tf.matMul(pooled, fc, false, true).add(weights.get('fc.bias')!);
      return tf.losses.softmaxCrossEntropy(tf.oneHot(labels, CLASSES), logits) as tf.Scalar;
    }, true);
    losses.push(loss!.dataSync()[0]!);
  }
  const found: State = new Map(
    [...weights].map(([name, w]) => [name, { dims: w.shape, values: Float32Array.from(w.dataSync()) }]),
  );
  return { losses, weights: found, statistics: running };
}

const rms = (values: Float32Array): number =>
  Math.sqrt(values.reduce((s, v) => s + v * v, 0) / values.length);

const minus = (a: Float32Array, b: Float32Array): Float32Array => a.map((v, i) => v - b[i]!);

describe('a training step of a small ResNet', () => {
  let expected: Trajectory;
  beforeAll(() => {
    expected = theirs();
  });

  it.each(['native', 'primitives'] as const)(
    'follows TensorFlow.js for five steps, batch norm %s',
    async (batchNorm) => {
      const found = await ours(batchNorm);
      // The network has to learn something for the comparison to mean anything.
      expect(new Set(expected.losses.map((v) => v.toFixed(2))).size).toBeGreaterThan(2);
      found.losses.forEach((loss, step) => {
        expect(Math.abs(loss / expected.losses[step]! - 1)).toBeLessThan(1e-3);
      });
      const start = initialWeights();
      for (const [name, { values }] of expected.weights) {
        const update = rms(minus(values, start.get(name)!.values));
        const error = rms(minus(found.weights.get(name)!.values, values));
        expect(update).toBeGreaterThan(1e-4);
        expect(error / update, name).toBeLessThan(1e-3);
      }
      for (const [name, { values }] of expected.statistics) {
        expect(rms(minus(found.statistics.get(name)!.values, values)), name).toBeLessThan(1e-4);
      }
    },
  );
});
