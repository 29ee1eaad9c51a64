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
