/** Networks without published files against TensorFlow.js, forward, with the same weights and pictures. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute } from '../../test/support/execute.js';
import { useWasm } from '../../test/support/keras-layers.js';
import { namedValues, namedWeights } from '../../test/support/named-values.js';
import { evaluationGraph } from '../autodiff/index.js';
import { elementCount, float32, GraphBuilder, type Value } from '../onnx/index.js';
import { Layers } from './layers.js';
import { networkOf } from './registry.js';
import type { NetworkEnd } from './types.js';

const BATCH = 2;
/** Of the largest feature. */
const TOLERANCE = 1e-4;

beforeAll(useWasm);

/** Maps of a backbone without its trained weights are in the thousands: a box would have all its edges at 0 and 1. */
function weightsOf(name: string, dims: readonly number[]): Float32Array {
  const values = namedWeights(name, dims);
  return name === 'backbone.bn.weight' ? values.map((value) => value / 1000) : values;
}

/** Layers over pictures by pixels and channels, which take the weights of ours by name. */
class Theirs {
  constructor(private readonly shapes: ReadonlyMap<string, readonly number[]>) {}

  weight(name: string): tf.Tensor {
    const dims = this.shapes.get(name);
    if (dims === undefined) throw new Error(`There is no parameter '${name}'`);
    return tf.tensor(weightsOf(name, dims), [...dims]);
  }

  conv(x: tf.Tensor, name: string, stride = 1, pad: 'same' | 'valid' = 'same'): tf.Tensor {
    const kernel = this.weight(`${name}.weight`).transpose([2, 3, 1, 0]) as tf.Tensor4D;
    const y = tf.conv2d(x as tf.Tensor4D, kernel, stride, pad);
    return this.shapes.has(`${name}.bias`) ? y.add(this.weight(`${name}.bias`)) : y;
  }

  norm(x: tf.Tensor, name: string, epsilon = 1e-5): tf.Tensor {
    const [scale, offset, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      this.weight(`${name}.${part}`),
    );
    return tf.batchNorm(
      x,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      offset as never,
      scale as never,
      epsilon,
    );
  }

  dense(x: tf.Tensor, name: string): tf.Tensor {
    return tf.matMul(x, this.weight(`${name}.weight`)).add(this.weight(`${name}.bias`));
  }

  /** By channels, then rows and columns, as ours are. */
  flat(x: tf.Tensor): tf.Tensor {
    return x.transpose([0, 3, 1, 2]).reshape([x.shape[0]!, -1]);
  }
}

const largest = (x: tf.Tensor, size: number, stride = size): tf.Tensor =>
  tf.maxPool(x as tf.Tensor4D, size, stride, 'valid');

/** Caffe's pooling of 3×3 at every second pixel takes what is left at an edge for a window too. */
function caffePool(x: tf.Tensor): tf.Tensor {
  const beyond = (axis: number): [number, number] => [0, 1 - (x.shape[axis]! % 2)];
  const padded = tf.pad(x, [[0, 0], beyond(1), beyond(2), [0, 0]], Number.NEGATIVE_INFINITY);
  return largest(padded, 3, 2);
}

/** Caffe's size is of the whole neighbourhood, and its α is divided by it. */
const caffeLrn = (x: tf.Tensor): tf.Tensor =>
  tf.localResponseNormalization(x as tf.Tensor4D, 2, 1, 1e-4 / 5, 0.75);

/** What an LSTM knows at the end of a sequence. Gates stand in the order input, output, forget, candidate. */
function lstm(
  t: Theirs,
  sequence: readonly tf.Tensor[],
  name: string,
): { hidden: tf.Tensor; cell: tf.Tensor } {
  const [w, r] = ['weight', 'recurrent'].map((part) =>
    t.weight(`${name}.${part}`).squeeze([0]).transpose(),
  ) as [tf.Tensor, tf.Tensor];
  const bias = t.weight(`${name}.bias`).squeeze([0]);
  let [hidden, cell] = [tf.zeros([BATCH, r.shape[0]!]), tf.zeros([BATCH, r.shape[0]!])];
  for (const x of sequence) {
    const gates = tf.matMul(x, w).add(tf.matMul(hidden, r)).add(bias);
    const [input, output, forget, candidate] = tf.split(gates, 4, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    cell = tf
      .sigmoid(forget.add(1))
      .mul(cell)
      .add(tf.sigmoid(input).mul(tf.tanh(candidate)));
    hidden = tf.sigmoid(output).mul(tf.tanh(cell));
  }
  return { hidden, cell };
}

/** The last maps of a ResNet-50 v2, whose groups end with their strides. */
function resNet50V2(t: Theirs, x: tf.Tensor, scope: string): tf.Tensor {
  const around = (y: tf.Tensor, size: number) =>
    tf.pad(y, [
      [0, 0],
      [size, size],
      [size, size],
      [0, 0],
    ]);
  const active = (y: tf.Tensor, name: string) => tf.relu(t.norm(y, `${scope}.${name}`, 1.001e-5));
  const conv = (y: tf.Tensor, name: string, stride = 1) => t.conv(y, `${scope}.${name}`, stride, 'valid');
  let y = largest(around(conv(around(x, 3), 'conv1', 2), 1), 3, 2);
  for (const [group, length] of [3, 4, 6, 3].entries()) {
    for (let i = 0; i < length; i++) {
      const unit = `layer${group + 1}.${i}`;
      const stride = i === length - 1 && group < 3 ? 2 : 1;
      const ready = active(y, `${unit}.preact`);
      const same = stride > 1 ? largest(y, 1, stride) : y;
      const shortcut = i === 0 ? conv(ready, `${unit}.downsample`) : same;
      const narrow = active(conv(ready, `${unit}.conv1`), `${unit}.bn1`);
      const inner = active(conv(around(narrow, 1), `${unit}.conv2`, stride), `${unit}.bn2`);
      y = conv(inner, `${unit}.conv3`).add(shortcut);
    }
  }
  return active(y, 'bn');
}

/** Pixels a side if a network's own would take long. */
const SIDES: Readonly<Record<string, number>> = {
  'al-resnet': 96,
  'deep-age-resnet50v2': 96,
  'deep-age-cnn': 64,
  'deep-age-dnn': 24,
  'deep-age-softmax': 24,
};

const NETWORKS: Readonly<Record<string, (t: Theirs, x: tf.Tensor) => tf.Tensor>> = {
  'lenet-5': (t, x) => {
    const first = largest(tf.relu(t.conv(x, 'conv1', 1, 'valid')), 2);
    const second = largest(tf.relu(t.conv(first, 'conv2', 1, 'valid')), 2);
    return tf.relu(t.dense(tf.relu(t.dense(t.flat(second), 'fc1')), 'fc2'));
  },
  'levi-hassner': (t, x) => {
    const first = caffeLrn(caffePool(tf.relu(t.conv(x, 'conv1', 4, 'valid'))));
    const second = caffeLrn(caffePool(tf.relu(t.conv(first, 'conv2'))));
    const third = caffePool(tf.relu(t.conv(second, 'conv3')));
    return tf.relu(t.dense(tf.relu(t.dense(t.flat(third), 'fc6')), 'fc7'));
  },
  '4c2f': (t, x) => {
    const first = caffeLrn(caffePool(tf.relu(t.conv(x, 'conv1', 4, 'valid'))));
    const second = caffeLrn(caffePool(tf.relu(t.conv(first, 'conv2'))));
    const last = caffePool(tf.relu(t.conv(tf.relu(t.conv(second, 'conv3')), 'conv4')));
    return tf.relu(t.dense(tf.relu(t.dense(t.flat(last), 'fc1')), 'fc2'));
  },
  'deep-age-lenet': (t, x) => {
    const means = (y: tf.Tensor) => tf.avgPool(y as tf.Tensor4D, 2, 2, 'valid');
    const maps = means(tf.relu(t.conv(means(tf.relu(t.conv(x, 'conv1', 1, 'valid'))), 'conv2', 1, 'valid')));
    return tf.relu(t.dense(tf.relu(t.dense(t.flat(maps), 'fc1')), 'fc2'));
  },
  'deep-age-alexnet': (t, x) => {
    const conv = (y: tf.Tensor, name: string, stride = 1) => tf.relu(t.conv(y, name, stride, 'valid'));
    const second = largest(conv(largest(conv(x, 'conv1', 4), 2), 'conv2'), 2);
    const maps = largest(conv(conv(conv(second, 'conv3'), 'conv4'), 'conv5'), 2);
    return ['fc1', 'fc2', 'fc3'].reduce((y, name) => tf.relu(t.dense(y, name)), t.flat(maps));
  },
  'deep-age-4c2f': (t, x) => {
    const first = t.norm(largest(tf.relu(t.conv(x, 'conv1', 4, 'valid')), 2), 'norm1', 1e-3);
    const second = t.norm(largest(tf.relu(t.conv(first, 'conv2')), 2), 'norm2', 1e-3);
    const maps = largest(tf.relu(t.conv(second, 'conv3')), 2);
    return tf.relu(t.dense(tf.relu(t.dense(t.flat(maps), 'fc1')), 'fc2'));
  },
  'deep-age-4c2f-mod': (t, x) => {
    const first = t.norm(largest(tf.relu(t.conv(x, 'conv1', 4, 'valid')), 2), 'norm1', 1e-3);
    const second = t.norm(largest(tf.relu(t.conv(first, 'conv2')), 2), 'norm2', 1e-3);
    const third = t.norm(largest(tf.relu(t.conv(second, 'conv3')), 2), 'norm3', 1e-3);
    const padded = tf.pad(third, [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    const maps = t.norm(largest(tf.relu(t.conv(padded, 'conv4', 2, 'valid')), 2), 'norm4', 1e-3);
    return tf.relu(t.dense(t.flat(maps), 'fc1'));
  },
  'deep-age-dnn': (t, x) => tf.relu(t.dense(t.flat(x), 'fc1')),
  'deep-age-softmax': (t, x) => t.flat(x),
  'deep-age-cnn': (t, x) => {
    let y = x;
    let count = 0;
    for (const [group, length] of [2, 2, 1, 1, 1, 1].entries()) {
      for (let i = 0; i < length; i++) y = tf.relu(t.conv(y, `conv${++count}`));
      y = t.norm(largest(y, 2), `norm${group + 1}`, 1e-3);
    }
    return tf.relu(t.dense(t.flat(y), 'fc1'));
  },
  'deep-age-resnet50v2': (t, x) => {
    const means = tf.mean(resNet50V2(t, x, 'backbone'), [1, 2]);
    return tf.relu(t.dense(means, 'hidden'));
  },
  'small-cnn': (t, x) => {
    const maps = [1, 2, 3].reduce(
      (y, i) => largest(tf.relu(t.norm(t.conv(y, `conv${i}`), `norm${i}`)), 2),
      x,
    );
    return tf.relu(t.dense(t.flat(maps), 'fc1'));
  },
  'dense-network': (t, x) => ['fc1', 'fc2', 'fc3'].reduce((y, name) => tf.relu(t.dense(y, name)), t.flat(x)),
  'softmax-regression': (t, x) => t.flat(x),
  'row-rnn': (t, x) => {
    const rows = tf.unstack(x.transpose([1, 0, 3, 2]));
    return lstm(
      t,
      rows.map((row) => row.reshape([BATCH, -1])),
      'lstm',
    ).hidden;
  },
  /** Deep Age's AL_ResNet, with the backbone of keras_applications/resnet_common.py: features of its branches. */
  'al-resnet': (t, x) => {
    const maps = resNet50V2(t, x, 'backbone');
    const means = tf.mean(maps, [1, 2]);
    const features = tf.relu(t.dense(means, 'local.fc'));
    const { hidden, cell } = lstm(t, tf.split(features, features.shape[1]!, 1), 'local.lstm');
    // Conv1D(1, 250, strides=2, activation='sigmoid') over [N, 256, 1].
    const kernel = t.weight('local.box.weight').reshape([250, 1, 1]) as tf.Tensor3D;
    const known = tf.concat([hidden, cell], 1).expandDims(2) as tf.Tensor3D;
    const box = tf.sigmoid(tf.conv1d(known, kernel, 2, 'valid').add(t.weight('local.box.bias')));
    const own = tf.range(0, BATCH, 1, 'int32');
    const region = tf.image.cropAndResize(
      maps as tf.Tensor4D,
      box.reshape([BATCH, 4]) as tf.Tensor2D,
      own as tf.Tensor1D,
      [8, 8],
    );
    const pooled = tf.mean(region, [1, 2]);
    const [first, second] = [tf.relu(t.dense(means, 'global.fc')), tf.relu(t.dense(pooled, 'local.hidden'))];
    return tf.concat([first, second, pooled], 1);
  },
  /** SSRNET_model.py of https://github.com/shamangary/SSR-Net, with three classes a stage and both λ 1. */
  'ssr-net': (t, x) => {
    const means = (y: tf.Tensor, size: number): tf.Tensor =>
      tf.avgPool(y as tf.Tensor4D, size, size, 'valid');
    const stream = (name: string, active: (y: tf.Tensor) => tf.Tensor, pool: typeof means) => {
      const layer = (y: tf.Tensor, i: number) =>
        active(t.norm(t.conv(y, `${name}.conv${i}`, 1, 'valid'), `${name}.norm${i}`, 1e-3));
      const first = pool(layer(x, 1), 2);
      const second = pool(layer(first, 2), 2);
      return [layer(pool(layer(second, 3), 2), 4), second, first];
    };
    const xs = stream('x', tf.relu, means);
    const ss = stream('s', tf.tanh, largest);
    const stages = [1, 4, 8].map((size, i) => {
      const at = (part: string) => `stage${i + 1}.${part}`;
      const s = t.flat(largest(tf.relu(t.conv(ss[i]!, at('s.conv'))), size));
      const y = t.flat(means(tf.relu(t.conv(xs[i]!, at('x.conv'))), size));
      const delta = tf.tanh(t.dense(s.mul(y), at('delta')));
      const mixed = tf.relu(t.dense(s, at('s.mix'))).mul(tf.relu(t.dense(y, at('x.mix'))));
      const features = tf.relu(t.dense(mixed, at('features')));
      const weights = tf.relu(t.dense(features, at('weights')));
      const local = tf.tanh(t.dense(features, at('shifts')));
      return { delta, place: weights.mul(local.add([0, 1, 2])).sum(1, true) };
    });
    const [one, two, three] = stages.map(({ delta }) => delta.add(1).mul(3)) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const [a, b, c] = stages.map(({ place }) => place) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const age = a.div(one).add(b.div(one).div(two)).add(c.div(one).div(two).div(three));
    return age.mul(101);
  },
};

/** The features of branches follow each other. */
function featuresOf(g: GraphBuilder, end: NetworkEnd): Value {
  if ('dtype' in end) return end;
  if ('expectation' in end) return end.expectation;
  return g.op(
    'Concat',
    end.map(({ features }) => features),
    { axis: 1 },
  );
}

describe('features as those of TensorFlow.js', () => {
  it.each(Object.keys(NETWORKS))('%s', async (name) => {
    const network = networkOf(name);
    const { width, height } = network.input;
    const dims = [BATCH, 3, SIDES[name] ?? height, SIDES[name] ?? width];
    const values = namedValues('images', elementCount(dims));
    const g = new GraphBuilder({ name });
    const shapes = new Map<string, readonly number[]>();
    const l = new Layers(g, (parameter, shape) => {
      shapes.set(parameter, shape);
      return weightsOf(parameter, shape);
    });
    const end = network.build(l, g.input('images', 'float32', dims));
    g.output(featuresOf(g, end), 'y');
    const { values: ours } = (
      await execute(evaluationGraph(g.build()), [float32('images', dims, values)])
    ).get('y')!;
    const theirs = tf.tidy(() => {
      const pictures = tf.tensor(values, dims).transpose([0, 2, 3, 1]);
      return [...NETWORKS[name]!(new Theirs(shapes), pictures).dataSync()];
    });
    expect(ours).toHaveLength(theirs.length);
    const most = Math.max(...theirs.map(Math.abs));
    expect(most).toBeGreaterThan(0);
    const difference = Math.max(...theirs.map((value, i) => Math.abs(value - Number(ours[i]))));
    expect(difference / most).toBeLessThan(TOLERANCE);
  });
});

describe('a network', () => {
  it('refuses pictures that are smaller than it reads', () => {
    const g = new GraphBuilder();
    const images = g.input('images', 'float32', [1, 3, 27, 64]);
    const build = () => networkOf('lenet-5').build(new Layers(g, namedWeights), images);
    expect(build).toThrow(/^LeNet-5 takes pictures of at least 28 pixels a side, found 64×27$/);
  });
});
