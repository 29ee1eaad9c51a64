/** Networks as the published code of Keras puts them together, of TensorFlow.js' layers with the names of Keras. */
import * as tf from '@tensorflow/tfjs';
import type { Layers, Network } from '../../src/networks/index.js';
import { convolution, type Symbolic, through } from './keras-layers.js';

/** The network with so many times fewer channels: with those of the published ones tests would be slow. */
export function narrowed(network: Network, by: number): Network {
  const maps = ([scope, [channels, ...sides]]: [string, readonly [number, number, number]]) =>
    [scope, [channels / by, ...sides]] as const;
  const { layers, flattened = {} } = network.keras!;
  return {
    ...network,
    build(l, images) {
      const narrow: Layers = Object.create(l);
      narrow.conv = (x, name, outputs, ...rest) => l.conv(x, name, outputs / by, ...rest);
      narrow.dense = (x, name, outputs, ...rest) => l.dense(x, name, outputs / by, ...rest);
      return network.build(narrow, images);
    },
    keras: { layers, flattened: Object.fromEntries(Object.entries(flattened).map(maps)) },
  };
}

export const sum = (...terms: Symbolic[]): Symbolic => tf.layers.add().apply(terms) as Symbolic;
export const relu = (x: Symbolic): Symbolic => through(x, tf.layers.reLU());

/** keras_applications/resnet_common.py, https://github.com/keras-team/keras-applications (v1.0.8). */
export const kerasApplications = {
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
    return through(this.resnet50Maps(images, version), tf.layers.globalAveragePooling2d({}));
  },

  /** With `include_top=False`. */
  resnet50Maps(images: Symbolic, version: 1 | 2): Symbolic {
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
    return x;
  },
};

/** deepface/basemodels/VGGFace.py of https://github.com/serengil/deepface, before its last convolution. */
export function vggFace(images: Symbolic, narrowing: number): Symbolic {
  let count = 0;
  const conv = (x: Symbolic, filters: number, kernelSize: number) =>
    through(
      x,
      convolution({
        filters: filters / narrowing,
        kernelSize,
        activation: 'relu',
        name: `conv2d_${++count}`,
      }),
    );
  let x = images;
  for (const [filters, length] of [
    [64, 2],
    [128, 2],
    [256, 3],
    [512, 3],
    [512, 3],
  ] as const) {
    for (let i = 0; i < length; i++)
      x = conv(through(x, tf.layers.zeroPadding2d({ padding: 1 })), filters, 3);
    x = through(x, tf.layers.maxPooling2d({ poolSize: 2, strides: [2, 2] }));
  }
  return conv(conv(x, 4096, 7), 4096, 1);
}

/** inception_v3.py of keras_applications (v1.0.8), before its last layer. */
export function inceptionV3(images: Symbolic, narrowing = 1): Symbolic {
  let count = 0;
  type Size = number | [number, number];
  const conv = (x: Symbolic, filters: number, kernelSize: Size, strides = 1, padding = 'same') => {
    count++;
    const name = `conv2d_${count}`;
    const options = {
      filters: filters / narrowing,
      kernelSize,
      strides,
      padding: padding as 'same',
      useBias: false,
      name,
    };
    const norm = tf.layers.batchNormalization({
      epsilon: 1e-3,
      scale: false,
      name: `batch_normalization_${count}`,
    });
    return through(through(through(x, convolution(options)), norm), tf.layers.reLU());
  };
  const largest = (x: Symbolic) => through(x, tf.layers.maxPooling2d({ poolSize: 3, strides: [2, 2] }));
  const means = (x: Symbolic) =>
    through(x, tf.layers.averagePooling2d({ poolSize: 3, strides: [1, 1], padding: 'same' }));
  const join = (...parts: Symbolic[]) => tf.layers.concatenate({ axis: 3 }).apply(parts) as Symbolic;
  const row: Size = [1, 7];
  const column: Size = [7, 1];

  let x = conv(images, 32, 3, 2, 'valid');
  x = conv(x, 32, 3, 1, 'valid');
  x = largest(conv(x, 64, 3));
  x = conv(x, 80, 1, 1, 'valid');
  x = largest(conv(x, 192, 3, 1, 'valid'));
  for (const pooled of [32, 64, 64]) {
    const one = conv(x, 64, 1);
    const five = conv(conv(x, 48, 1), 64, 5);
    const three = conv(conv(conv(x, 64, 1), 96, 3), 96, 3);
    x = join(one, five, three, conv(means(x), pooled, 1));
  }
  {
    const three = conv(x, 384, 3, 2, 'valid');
    const twice = conv(conv(conv(x, 64, 1), 96, 3), 96, 3, 2, 'valid');
    x = join(three, twice, largest(x));
  }
  for (const inner of [128, 160, 160, 192]) {
    const one = conv(x, 192, 1);
    const seven = conv(conv(conv(x, inner, 1), inner, row), 192, column);
    let twice = conv(conv(x, inner, 1), inner, column);
    twice = conv(conv(conv(twice, inner, row), inner, column), 192, row);
    x = join(one, seven, twice, conv(means(x), 192, 1));
  }
  {
    const three = conv(conv(x, 192, 1), 320, 3, 2, 'valid');
    const seven = conv(conv(conv(conv(x, 192, 1), 192, row), 192, column), 192, 3, 2, 'valid');
    x = join(three, seven, largest(x));
  }
  for (let i = 0; i < 2; i++) {
    const one = conv(x, 320, 1);
    const three = conv(x, 384, 1);
    const forked = join(conv(three, 384, [1, 3]), conv(three, 384, [3, 1]));
    const twice = conv(conv(x, 448, 1), 384, 3);
    const forkedTwice = join(conv(twice, 384, [1, 3]), conv(twice, 384, [3, 1]));
    x = join(one, forked, forkedTwice, conv(means(x), 192, 1));
  }
  return through(x, tf.layers.globalAveragePooling2d({}));
}
