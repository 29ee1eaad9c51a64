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
import { narrowed, vggFace } from '../../test/support/keras-networks.js';
import { RESNET50_V1, RESNET50_V2 } from './resnet.js';
import { VGG_FACE, VGG19 } from './vgg.js';
import { WRN_16_8 } from './wide-resnet.js';

beforeAll(useWasm);

const sum = (...terms: Symbolic[]): Symbolic => tf.layers.add().apply(terms) as Symbolic;
const relu = (x: Symbolic): Symbolic => through(x, tf.layers.reLU());

/** keras_applications/resnet_common.py, https://github.com/keras-team/keras-applications (v1.0.8). */
const kerasApplications = {
  norm: (x: Symbolic, name: string) => through(x, tf.layers.batchNormalization({ epsilon: 1.001e-5, name })),

  conv: (x: Symbolic, filters: number, kernelSize: number, name: string, strides = 1, useBias = true) =>
    through(x, convolution({ filters, kernelSize, strides, useBias, name })),

  around: (x: Symbolic, size: number) => through(x, tf.layers.zeroPadding2d({ padding: size })),

  block1(x: Symbolic, filters: number, stride: number, convShortcut: boolean, name: string): Symbolic {
    const { conv, norm } = this;
    const shortcut = convShortcut
      ? norm(conv(x, 4 * filters, 1, `${name}_0_conv`, stride), `${name}_0_bn`)
      : x;
    let y = relu(norm(conv(x, filters, 1, `${name}_1_conv`, stride), `${name}_1_bn`));
    const same = convolution({ filters, kernelSize: 3, padding: 'same', name: `${name}_2_conv` });
    y = relu(norm(through(y, same), `${name}_2_bn`));
    y = norm(conv(y, 4 * filters, 1, `${name}_3_conv`), `${name}_3_bn`);
    return relu(sum(shortcut, y));
  },

  stack1(x: Symbolic, filters: number, blocks: number, stride: number, name: string): Symbolic {
    let y = this.block1(x, filters, stride, true, `${name}_block1`);
    for (let i = 2; i <= blocks; i++) y = this.block1(y, filters, 1, false, `${name}_block${i}`);
    return y;
  },

  block2(x: Symbolic, filters: number, stride: number, convShortcut: boolean, name: string): Symbolic {
    const { conv, norm, around } = this;
    const preact = relu(norm(x, `${name}_preact_bn`));
    let shortcut = x;
    if (convShortcut) shortcut = conv(preact, 4 * filters, 1, `${name}_0_conv`, stride);
    else if (stride > 1)
      shortcut = through(x, tf.layers.maxPooling2d({ poolSize: 1, strides: [stride, stride] }));
    let y = relu(norm(conv(preact, filters, 1, `${name}_1_conv`, 1, false), `${name}_1_bn`));
    y = relu(norm(conv(around(y, 1), filters, 3, `${name}_2_conv`, stride, false), `${name}_2_bn`));
    return sum(shortcut, conv(y, 4 * filters, 1, `${name}_3_conv`));
  },

  stack2(x: Symbolic, filters: number, blocks: number, stride: number, name: string): Symbolic {
    let y = this.block2(x, filters, 1, true, `${name}_block1`);
    for (let i = 2; i < blocks; i++) y = this.block2(y, filters, 1, false, `${name}_block${i}`);
    return this.block2(y, filters, stride, false, `${name}_block${blocks}`);
  },

  resnet50(images: Symbolic, version: 1 | 2): Symbolic {
    let x = this.conv(this.around(images, 3), 64, 7, 'conv1_conv', 2);
    if (version === 1) x = relu(this.norm(x, 'conv1_bn'));
    x = through(this.around(x, 1), tf.layers.maxPooling2d({ poolSize: 3, strides: [2, 2] }));
    if (version === 1) {
      x = this.stack1(x, 64, 3, 1, 'conv2');
      x = this.stack1(x, 128, 4, 2, 'conv3');
      x = this.stack1(x, 256, 6, 2, 'conv4');
      x = this.stack1(x, 512, 3, 2, 'conv5');
    } else {
      x = this.stack2(x, 64, 3, 2, 'conv2');
      x = this.stack2(x, 128, 4, 2, 'conv3');
      x = this.stack2(x, 256, 6, 2, 'conv4');
      x = this.stack2(x, 512, 3, 1, 'conv5');
      x = relu(this.norm(x, 'post_bn'));
    }
    return through(x, tf.layers.globalAveragePooling2d({}));
  },
};

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
