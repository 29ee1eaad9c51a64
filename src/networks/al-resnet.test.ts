/**
 * AL-ResNet against the document's network, written with TensorFlow.js after the notebooks AL_resnet50V2.ipynb and
 * AL_resnet50V2-8classes.ipynb of Deep Age, with the same weights: whole, from pictures to probabilities.
 */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../test/support/execute.js';
import { fill, useWasm } from '../../test/support/keras-layers.js';
import { kerasApplications } from '../../test/support/keras-networks.js';
import { namedValues, namedWeights } from '../../test/support/named-values.js';
import { evaluationGraph } from '../autodiff/index.js';
import { elementCount, float32, GraphBuilder, type Model } from '../onnx/index.js';
import { AL_RESNET } from './al-resnet.js';
import { branchShares, classificationHead, sharesOf } from './heads.js';
import { Layers } from './layers.js';
import type { Branch } from './types.js';

beforeAll(useWasm);

const PICTURES = 2;
const SIDE = 256;
const HEAD = 'age';
const DIMS = [PICTURES, 3, SIDE, SIDE] as const;
/** In 0..1, as pixels divided by 255 are. */
const images = namedValues('images', elementCount(DIMS)).map((value) => (value + 1) / 2);

const TOLERANCE = 1e-4;

/** The branches that a phase trains and is evaluated by; all by their shares in the second. */
const PHASES = { first: ['region'], second: undefined } as const;
type Phase = keyof typeof PHASES;

/** A weight of ours, in the order of its dimensions. */
const ours = (name: string, ...dims: number[]) => tf.tensor(namedWeights(name, dims), dims);

const dense = (x: tf.Tensor2D, name: string, units: number): tf.Tensor2D =>
  tf.add(tf.matMul(x, ours(`${name}.weight`, x.shape[1], units) as tf.Tensor2D), ours(`${name}.bias`, units));

const means = (maps: tf.Tensor4D): tf.Tensor2D => tf.mean(maps, [1, 2]);

/** ONNX's order of gates (input, output, forget, cell) as Keras' (input, forget, cell, output), along the last axis. */
function kerasGates<T extends tf.Tensor>(gates: T): T {
  const [input, output, forget, cell] = tf.split(gates, 4, -1);
  return tf.concat([input!, forget!, cell!, output!], -1) as T;
}

const STEPS = 512;
const UNITS = 128;

/** `LSTM(128, return_state=True)` on a sequence of 512 single numbers; its hidden and cell state. */
function lstmStates(features: tf.Tensor2D): [tf.Tensor2D, tf.Tensor2D] {
  const kernel = kerasGates(ours('local.lstm.weight', 1, 4 * UNITS, 1).reshape([1, 4 * UNITS]));
  const recurrent = kerasGates(
    ours('local.lstm.recurrent', 1, 4 * UNITS, UNITS)
      .reshape([4 * UNITS, UNITS])
      .transpose(),
  );
  // `unit_forget_bias` is part of Keras' bias and apart from ours.
  const unit = tf.concat([tf.zeros([UNITS]), tf.ones([UNITS]), tf.zeros([2 * UNITS])]);
  const bias = tf.add(kerasGates(ours('local.lstm.bias', 1, 4 * UNITS).reshape([4 * UNITS])), unit);
  let h = tf.zeros([PICTURES, UNITS]) as tf.Tensor2D;
  let c = tf.zeros([PICTURES, UNITS]) as tf.Tensor2D;
  for (let step = 0; step < STEPS; step++) {
    const x = features.slice([0, step], [-1, 1]);
    const z = tf.add(
      tf.add(tf.matMul(x, kernel as tf.Tensor2D), bias),
      tf.matMul(h, recurrent as tf.Tensor2D),
    );
    const [input, forget, cell, output] = tf.split(z, 4, 1) as tf.Tensor2D[];
    c = tf.add(tf.mul(tf.sigmoid(forget!), c), tf.mul(tf.sigmoid(input!), tf.tanh(cell!)));
    h = tf.mul(tf.sigmoid(output!), tf.tanh(c));
  }
  return [h, c];
}

/** The box that the local branch looks at, top, left, bottom and right. */
function boxes(maps: tf.Tensor4D): tf.Tensor2D {
  const features = tf.relu(dense(means(maps), 'local.fc', STEPS));
  const [hidden, cell] = lstmStates(features);
  const states = tf.concat([hidden, cell], 1).reshape([PICTURES, 2 * UNITS, 1]) as tf.Tensor3D;
  // `Conv1D(1, 250, strides=2, activation='sigmoid')`: kernel [250, 1, 1].
  const kernel = ours('local.box.weight', 1, 1, 1, 250).reshape([250, 1, 1]) as tf.Tensor3D;
  const four = tf.conv1d(states, kernel, 2, 'valid');
  return tf.sigmoid(tf.add(four, ours('local.box.bias', 1))).reshape([PICTURES, 4]);
}

/** `crop_and_resize` of the 8×8 maps to 8×8, and average pooling of these. */
function regions(maps: tf.Tensor4D): tf.Tensor2D {
  const every = tf.range(0, PICTURES, 1, 'int32') as tf.Tensor1D;
  const crops = tf.image.cropAndResize(maps, boxes(maps), every, [8, 8]);
  return tf.avgPool(crops, 8, 8, 'valid').reshape([PICTURES, -1]);
}

function probabilities(maps: tf.Tensor4D, phase: Phase, classes: number): tf.Tensor2D {
  const softmax = (x: tf.Tensor2D, branch: string): tf.Tensor2D =>
    tf.softmax(dense(x, `${HEAD}.${branch}`, classes));
  const region = regions(maps);
  if (phase === 'first') return softmax(region, 'region');
  const global = softmax(tf.relu(dense(means(maps), 'global.fc', 256)), 'global');
  const local = softmax(tf.relu(dense(region, 'local.hidden', 256)), 'local');
  return tf.div(tf.add(global, tf.mul(local, 0.5)), 1.5);
}

/** Our network with its head, as a stage of the phase evaluates it. */
function model(phase: Phase, classes: number): Model {
  const g = new GraphBuilder();
  const l = new Layers(g, namedWeights);
  const end = AL_RESNET.build(l, g.input('images', 'float32', [...DIMS]));
  g.output(g.op('Softmax', [classificationHead(l, end, classes, { name: HEAD })], { axis: 1 }), 'age');
  const built = evaluationGraph(g.build());
  const branches = end as readonly Branch[];
  const shares = float32(sharesOf(HEAD), [1, branches.length, 1], branchShares(branches, PHASES[phase]));
  const initializers = new Map([...built.graph.initializers, [shares.name, shares]]);
  return { ...built, graph: { ...built.graph, initializers } };
}

describe("AL-ResNet predicts what the document's network predicts", () => {
  let maps: tf.Tensor4D;
  beforeAll(() => {
    const input = tf.input({ shape: [SIDE, SIDE, 3] });
    const backbone = tf.model({ inputs: input, outputs: kerasApplications.resnet50Maps(input, 2) });
    fill(backbone, AL_RESNET);
    maps = tf.tidy(
      () => backbone.predict(tf.tensor4d(images, [...DIMS]).transpose([0, 2, 3, 1])) as tf.Tensor4D,
    );
    backbone.dispose();
    expect(maps.shape).toEqual([PICTURES, 8, 8, 2048]);
  }, 120_000);

  it('of boxes that differ from picture to picture and are not the whole', () => {
    const [first, second] = tf.tidy(() => boxes(maps).arraySync());
    for (const edge of first!) {
      expect(edge).toBeGreaterThan(1e-3);
      expect(edge).toBeLessThan(1 - 1e-3);
    }
    expect(Math.max(...first!.map((edge, i) => Math.abs(edge - second![i]!)))).toBeGreaterThan(1e-5);
  });

  it.each([
    ['first', 14],
    ['second', 14],
    ['second', 8],
  ] as const)('in the %s phase, of %d groups', async (phase, classes) => {
    const theirs = tf.tidy(() => probabilities(maps, phase, classes).dataSync());
    const found = (await execute(model(phase, classes), [float32('images', DIMS, images)], true)).get('age')!;
    expect(found.dims).toEqual([PICTURES, classes]);
    const predicted = found.values as Float32Array;
    for (const [i, value] of theirs.entries())
      expect(Math.abs(predicted[i]! - value)).toBeLessThan(TOLERANCE);
    // Probabilities that are all alike would agree by themselves.
    expect(Math.max(...theirs) - Math.min(...theirs)).toBeGreaterThan(0.05);
  });
});
