/**
 * Models of TensorFlow.js' layers, which are Keras' with its names and its layout of weights, are the oracle: their
 * weights go into a file of Keras' structure, from there into networks of ours, which then compute the same.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, noise, random } from '../../../test/support/execute.js';
import { convolution, through, untrained } from '../../../test/support/keras-layers.js';
import { inceptionV3, narrowed, vggFace } from '../../../test/support/keras-networks.js';
import { evaluationGraph } from '../../autodiff/index.js';
import {
  classificationHead,
  Layers,
  type Network,
  networkOf,
  randomWeights,
  type WeightSource,
  wideResNet,
} from '../../networks/index.js';
import { float32, GraphBuilder, type Model, type Value } from '../../onnx/index.js';
import { type LoadWeightsOptions, loadedFirst, loadWeights } from './load.js';
import { type KerasWeightsByName, writeKeras } from './testing.js';

const folder = mkdtempSync(join(tmpdir(), 'agewise-tfjs-weights-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  await tf.setBackend('cpu');
});

const { layers: L } = tf;
const TOLERANCE = 1e-5;

/**
 * Gives the model weights that are different everywhere, as strong as first weights (He et al., ICCV 2015), so that what
 * is wrong in the first layer shows in the last; scales and variances positive, as they are in training.
 */
function scatter(model: tf.LayersModel): void {
  const next = random(5);
  for (const layer of model.layers) {
    const weights = layer.weights.map((w) => {
      const count = w.shape.reduce<number>((a, b) => a * b!, 1);
      const [height, width] = w.shape as number[];
      const inputs = /depthwise/.test(w.name) ? height! * width! : count / w.shape.at(-1)!;
      const positive = /gamma|variance/.test(w.name);
      const spread = w.shape.length > 1 ? Math.sqrt(6 / inputs) : 0.3;
      const values = Float32Array.from({ length: count }, () =>
        positive ? 0.5 + next() : spread * (2 * next() - 1),
      );
      return tf.tensor(values, w.shape as number[]);
    });
    layer.setWeights(weights);
  }
}

async function save(model: tf.LayersModel, name: string, whole = false): Promise<string> {
  const layers: Record<string, KerasWeightsByName> = {};
  for (const layer of model.layers) {
    layers[layer.name] = Object.fromEntries(
      layer.weights.map((w) => [
        `${w.originalName}:0`,
        { dims: w.shape as number[], values: w.read().dataSync() as Float32Array },
      ]),
    );
  }
  const path = join(folder, name);
  await writeKeras(path, layers, { whole });
  return path;
}

/** Predictions of a model for pictures [N, 3, H, W], each output row by row. */
function oracle(model: tf.LayersModel, pictures: Float32Array, dims: readonly number[]): number[][] {
  const x = tf.transpose(tf.tensor(pictures, [...dims]), [0, 2, 3, 1]);
  return [model.predict(x)].flat().map((t) => [...t.dataSync()]);
}

interface Heads {
  readonly [scope: string]: number;
}

/** The network with a softmax over each head, for pictures of that size. */
function build(network: Network, side: number, heads: Heads, weights: WeightSource): Model {
  const g = new GraphBuilder();
  const layers = new Layers(g, weights);
  const end = network.build(layers, g.input('images', 'float32', ['N', 3, side, side]));
  for (const [name, outputs] of Object.entries(heads)) {
    const logits = classificationHead(layers, end, outputs, { name, bias: network.headBias ?? true });
    g.output(g.op('Softmax', [logits], { axis: 1 }), `${name}.softmax`);
  }
  return g.build();
}

/** Expects the network with weights from the file to say of noise what the model says of it. */
async function expectSame(
  model: tf.LayersModel,
  path: string,
  network: Network,
  side: number,
  heads: Heads,
  options: LoadWeightsOptions = {},
): Promise<void> {
  const shapes = new Map<string, readonly number[]>();
  build(network, side, heads, (name, dims, initial) => {
    shapes.set(name, dims);
    return randomWeights(1)(name, dims, initial);
  });
  const loaded = await loadWeights(path, network, { ...options, shapes });
  expect([...loaded.keys()].sort()).toEqual([...shapes.keys()].sort());
  const graph = evaluationGraph(build(network, side, heads, loadedFirst(loaded, randomWeights(2))));
  const dims = [2, 3, side, side];
  const pictures = noise(2 * 3 * side * side).map((v, i) => 3 * v + Math.sin(i / 1000));
  const outputs = await execute(graph, [float32('images', dims, pictures)]);
  const expected = oracle(model, pictures, dims);
  const differences = Object.keys(heads).map((name, i) => {
    const found = outputs.get(`${name}.softmax`)!.values as Float32Array;
    expect(found).toHaveLength(expected[i]!.length);
    const worst = Math.max(...expected[i]!.map((p, k) => Math.abs(p - found[k]!)));
    expect(worst, name).toBeLessThan(TOLERANCE);
    const [one, other] = [expected[i]!.slice(0, found.length / 2), expected[i]!.slice(found.length / 2)];
    return Math.max(...one.map((p, k) => Math.abs(p - other[k]!)));
  });
  // Answers that are alike for all pictures would prove nothing.
  expect(Math.max(...differences)).toBeGreaterThan(100 * TOLERANCE);
}

const input = { width: 16, height: 16, color: 'RGB', mean: [0, 0, 0], scale: [1, 1, 1] } as const;
const facts = { title: 'Small', source: '', input };

describe('weights of Keras make a network compute what Keras computes', () => {
  it('with dense layers on flattened maps, as in VGG', async () => {
    const x = tf.input({ shape: [16, 16, 3] });
    const c1 = L.conv2d({
      filters: 5,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      name: 'block1_conv1',
    });
    const c2 = L.conv2d({
      filters: 6,
      kernelSize: 3,
      padding: 'same',
      activation: 'relu',
      name: 'block2_conv1',
    });
    const pool = () => L.maxPooling2d({ poolSize: 2, strides: 2 });
    const maps = pool().apply(c2.apply(pool().apply(c1.apply(x)))) as tf.SymbolicTensor;
    const fc1 = L.dense({ units: 9, activation: 'relu', name: 'fc1' });
    const out = L.dense({ units: 7, activation: 'softmax', name: 'predictions' });
    const features = fc1.apply(L.flatten().apply(maps));
    const model = tf.model({ inputs: x, outputs: out.apply(features) as tf.SymbolicTensor });
    scatter(model);
    const network: Network = {
      ...facts,
      name: 'small-vgg',
      classifier: 'classifier.3',
      build(l, images) {
        const first = l.maxPool(l.relu(l.conv(images, 'features.0', 5, 3, { bias: true })), 2);
        const second = l.maxPool(l.relu(l.conv(first, 'features.3', 6, 3, { bias: true })), 2);
        return l.dropout(l.relu(l.dense(l.flatten(second), 'classifier.0', 9)), 0.5);
      },
      keras: {
        layers: {
          'features.0': 'block1_conv1',
          'features.3': 'block2_conv1',
          'classifier.0': 'fc1',
          'classifier.3': 'predictions',
        },
        flattened: { 'classifier.0': [6, 4, 4] },
      },
    };
    await expectSame(model, await save(model, 'vgg.h5'), network, 16, { age_head: 7 });
  });

  it('with batch norm and shortcuts, as in ResNet', async () => {
    const x = tf.input({ shape: [16, 16, 3] });
    const conv = (of: tf.SymbolicTensor, name: string, filters: number, kernelSize: number, strides = 1) =>
      L.batchNormalization({ epsilon: 1.001e-5, name: name.replace(/conv$/, 'bn') }).apply(
        L.conv2d({ filters, kernelSize, strides, padding: 'same', name }).apply(of),
      ) as tf.SymbolicTensor;
    const relu = (of: unknown) => L.reLU().apply(of as tf.SymbolicTensor) as tf.SymbolicTensor;
    const stem = relu(conv(x, 'conv2_block1_0_conv', 4, 3));
    const inner = relu(conv(stem, 'conv2_block1_1_conv', 6, 1));
    const main = conv(inner, 'conv2_block1_2_conv', 4, 3);
    const sum = relu(L.add().apply([main, stem]));
    const pooled = L.globalAveragePooling2d({}).apply(sum);
    const out = L.dense({ units: 7, activation: 'softmax', name: 'predictions' }).apply(pooled);
    const model = tf.model({ inputs: x, outputs: out as tf.SymbolicTensor });
    scatter(model);
    const unit = (l: Layers, of: Value, place: number, width: number, kernel: number) =>
      l.norm(l.conv(of, `conv${place}`, width, kernel, { bias: true }), `bn${place}`, { epsilon: 1.001e-5 });
    const network: Network = {
      ...facts,
      name: 'small-resnet',
      classifier: 'fc',
      build(l, images) {
        const begin = l.relu(unit(l, images, 0, 4, 3));
        const end = unit(l, l.relu(unit(l, begin, 1, 6, 1)), 2, 4, 3);
        return l.globalPool(l.relu(l.g.op('Add', [end, begin])));
      },
      keras: {
        layers: Object.fromEntries([
          ...[0, 1, 2].flatMap((i) => [
            [`conv${i}`, `conv2_block1_${i}_conv`],
            [`bn${i}`, `conv2_block1_${i}_bn`],
          ]),
          ['fc', 'predictions'],
        ]),
      },
    };
    await expectSame(model, await save(model, 'resnet.h5', true), network, 16, { age_head: 7 });
  });

  it('with convolutions of single channels: MobileNet', async () => {
    const side = 64;
    const x = tf.input({ shape: [side, side, 3] });
    const normed = (of: unknown, name: string) =>
      L.reLU({ maxValue: 6 }).apply(
        L.batchNormalization({ name: `${name}_bn` }).apply(of as tf.SymbolicTensor) as tf.SymbolicTensor,
      ) as tf.SymbolicTensor;
    const options = { padding: 'same', useBias: false } as const;
    let y = normed(
      L.conv2d({ ...options, filters: 32, kernelSize: 3, strides: 2, name: 'conv1' }).apply(x),
      'conv1',
    );
    [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024].forEach((filters, i) => {
      const [dw, pw] = [`conv_dw_${i + 1}`, `conv_pw_${i + 1}`];
      const strides = [1, 3, 5, 11].includes(i) ? 2 : 1;
      y = normed(L.depthwiseConv2d({ ...options, kernelSize: 3, strides, name: dw }).apply(y), dw);
      y = normed(L.conv2d({ ...options, filters, kernelSize: 1, name: pw }).apply(y), pw);
    });
    const pooled = L.globalAveragePooling2d({}).apply(y) as tf.SymbolicTensor;
    const pixel = L.reshape({ targetShape: [1, 1, 1024] }).apply(pooled);
    const logits = L.conv2d({ filters: 11, kernelSize: 1, name: 'conv_preds' }).apply(pixel);
    const out = L.softmax().apply(L.reshape({ targetShape: [11] }).apply(logits));
    const model = tf.model({ inputs: x, outputs: out as tf.SymbolicTensor });
    scatter(model);
    await expectSame(model, await save(model, 'mobilenet.h5'), networkOf('mobilenet'), side, {
      age_head: 11,
    });
  });

  it('with layers that Keras numbers and heads for age and gender: a wide ResNet', async () => {
    const x = tf.input({ shape: [64, 64, 3] });
    const counts: Record<string, number> = {};
    const name = (kind: string) => {
      counts[kind] = (counts[kind] ?? 0) + 1;
      return `${kind}_${counts[kind]}`;
    };
    const conv = (of: tf.SymbolicTensor, filters: number, kernelSize = 3, strides = 1) =>
      L.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false, name: name('conv2d') }).apply(
        of,
      ) as tf.SymbolicTensor;
    const ready = (of: tf.SymbolicTensor) =>
      L.reLU().apply(
        L.batchNormalization({ name: name('batch_normalization') }).apply(of) as tf.SymbolicTensor,
      ) as tf.SymbolicTensor;
    let y = conv(x, 16);
    for (const [filters, strides] of [
      [32, 1],
      [64, 2],
      [128, 2],
    ] as const) {
      const begin = ready(y);
      const main = conv(ready(conv(begin, filters, 3, strides)), filters);
      y = L.add().apply([main, conv(begin, filters, 1, strides)]) as tf.SymbolicTensor;
    }
    const pooled = L.averagePooling2d({ poolSize: 8, strides: 1, padding: 'same' }).apply(ready(y));
    const flat = L.flatten().apply(pooled) as tf.SymbolicTensor;
    const head = (units: number, of: string) =>
      L.dense({ units, useBias: false, activation: 'softmax', name: of }).apply(flat) as tf.SymbolicTensor;
    const outputs = [head(2, 'pred_gender'), head(101, 'pred_age')];
    const model = tf.model({ inputs: x, outputs });
    scatter(model);
    const path = await save(model, 'weights.28-3.73.hdf5', true);
    const network = wideResNet({ depth: 10, widening: 2 });
    await expectSame(model, path, network, 64, { gender_head: 2, age_head: 101 });
  });

  it.each([
    ['age', 101],
    ['gender', 2],
  ])('with dense layers that are convolutions there, and a head for %s: VGG-Face', async (what, outputs) => {
    const narrowing = 16;
    const x = tf.input({ shape: [224, 224, 3] });
    const predictions = convolution({ filters: outputs, kernelSize: 1, name: 'predictions' });
    const logits = through(through(vggFace(x, narrowing), predictions), L.flatten());
    const model = tf.model({ inputs: x, outputs: through(logits, L.softmax()) });
    scatter(model);
    const path = await save(model, `${what}_model_weights.h5`);
    const network = narrowed(networkOf('vgg-face'), narrowing);
    await expectSame(model, path, network, 224, { [`${what}_head`]: outputs });
  });

  it('with 94 numbered layers side by side, and batch norm without a scale: Inception v3', async () => {
    const [side, narrowing] = [107, 8];
    const x = tf.input({ shape: [side, side, 3] });
    const predictions = L.dense({ ...untrained, units: 7, activation: 'softmax', name: 'predictions' });
    const model = tf.model({ inputs: x, outputs: through(inceptionV3(x, narrowing), predictions as never) });
    scatter(model);
    const path = await save(model, 'inception_v3.h5');
    const network = narrowed(networkOf('inception-v3-keras'), narrowing);
    await expectSame(model, path, network, side, { age_head: 7 });
  });
});
