/**
 * Forward passes against TensorFlow.js' layers, put together as the published code of Keras does, with its layers' names:
 * the same weights go in by `network.keras`.
 */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, it } from 'vitest';
import {
  type Comparison,
  compareLogits,
  convolution,
  type Layer,
  type Symbolic,
  through,
  untrained,
  useWasm,
} from '../../test/support/keras-layers.js';
import { kerasApplications, narrowed, relu, sum, vggFace } from '../../test/support/keras-networks.js';
import { RESNET50_V1, RESNET50_V2 } from './resnet.js';
import { VGG_FACE, VGG19 } from './vgg.js';
import { WRN_16_8 } from './wide-resnet.js';

beforeAll(useWasm);

/** wide_resnet.py of https://github.com/yu4u/age-gender-estimation, of depth 16 and width 8. */
function wideResNet(images: Symbolic): Symbolic {
  const counts = new Map<string, number>();
  // As Keras calls layers without a name.
  const numbered = (kind: string) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return `${kind}_${counts.get(kind)}`;
  };
  const conv = (x: Symbolic, filters: number, kernelSize: number, strides: number) =>
    through(
      x,
      convolution({
        filters,
        kernelSize,
        strides,
        padding: 'same',
        useBias: false,
        name: numbered('conv2d'),
      }),
    );
  const norm = (x: Symbolic) =>
    relu(through(x, tf.layers.batchNormalization({ name: numbered('batch_normalization') })));
  const wideBasic = (x: Symbolic, inputs: number, outputs: number, stride: number) => {
    let net = x;
    let convs: Symbolic;
    if (inputs !== outputs) {
      net = norm(net);
      convs = net;
    } else convs = norm(net);
    convs = conv(norm(conv(convs, outputs, 3, stride)), outputs, 3, 1);
    return sum(convs, inputs !== outputs ? conv(net, outputs, 1, stride) : net);
  };
  const layer = (x: Symbolic, inputs: number, outputs: number, stride: number) =>
    wideBasic(wideBasic(x, inputs, outputs, stride), outputs, outputs, 1);
  let x = conv(images, 16, 3, 1);
  x = layer(x, 16, 128, 1);
  x = layer(x, 128, 256, 2);
  x = norm(layer(x, 256, 512, 2));
  x = through(x, tf.layers.averagePooling2d({ poolSize: 8, strides: [1, 1], padding: 'same' }));
  return through(x, tf.layers.flatten());
}

/** So many times fewer channels: with their half gigabyte of weights tests would be slow. */
const NARROWING = 4;

/** keras_applications/vgg19.py, before its last layer. */
function vgg19(images: Symbolic): Symbolic {
  let x = images;
  for (const [block, [filters, length]] of (
    [
      [64, 2],
      [128, 2],
      [256, 4],
      [512, 4],
      [512, 4],
    ] as const
  ).entries()) {
    for (let i = 1; i <= length; i++) {
      const conv = convolution({
        filters: filters / NARROWING,
        kernelSize: 3,
        activation: 'relu',
        padding: 'same',
        name: `block${block + 1}_conv${i}`,
      });
      x = through(x, conv);
    }
    x = through(x, tf.layers.maxPooling2d({ poolSize: 2, strides: [2, 2] }));
  }
  x = through(x, tf.layers.flatten());
  for (const name of ['fc1', 'fc2']) {
    x = through(x, tf.layers.dense({ ...untrained, units: 4096 / NARROWING, activation: 'relu', name }));
  }
  return x;
}

const top = (scope: string, units: number): Record<string, { outputs: number; layer: Layer }> => ({
  [scope]: {
    outputs: units,
    layer: tf.layers.dense({ ...untrained, units, name: 'predictions' }) as unknown as Layer,
  },
});

const unbiased = (units: number, name: string) => ({
  outputs: units,
  layer: tf.layers.dense({ ...untrained, units, useBias: false, name }) as unknown as Layer,
});

const COMPARISONS: readonly Comparison[] = [
  {
    network: RESNET50_V1,
    counted: true,
    side: 64,
    trunk: (x) => kerasApplications.resnet50(x, 1),
    heads: top('fc', 1000),
  },
  {
    network: RESNET50_V2,
    counted: true,
    side: 64,
    trunk: (x) => kerasApplications.resnet50(x, 2),
    heads: top('fc', 1000),
  },
  {
    network: WRN_16_8,
    counted: true,
    side: 64,
    trunk: wideResNet,
    heads: { gender_head: unbiased(2, 'pred_gender'), age_head: unbiased(101, 'pred_age') },
  },
  { network: narrowed(VGG19, NARROWING), side: 224, trunk: vgg19, heads: top('classifier.6', 1000) },
  {
    network: narrowed(VGG_FACE, NARROWING),
    side: 224,
    trunk: (x) => vggFace(x, NARROWING),
    heads: {
      fc8: { outputs: 2622, layer: convolution({ filters: 2622, kernelSize: 1, name: 'predictions' }) },
    },
  },
];

describe('the logits of Keras', () => {
  it.each(COMPARISONS)('$network.name', compareLogits);
});
