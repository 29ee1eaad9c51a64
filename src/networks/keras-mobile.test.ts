/** MobileNet and Inception v3 against TensorFlow.js' layers, put together as keras_applications (v1.0.8) does. */
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
import { INCEPTION_V3_KERAS } from './inception.js';
import { MOBILENET } from './mobilenet.js';

beforeAll(useWasm);

/** mobilenet.py */
function mobileNet(images: Symbolic): Symbolic {
  const active = (x: Symbolic, name: string) =>
    through(
      through(x, tf.layers.batchNormalization({ epsilon: 1e-3, name })),
      tf.layers.reLU({ maxValue: 6 }),
    );
  const conv = (x: Symbolic, filters: number, kernelSize: number, strides: number, name: string) =>
    through(x, convolution({ filters, kernelSize, strides, padding: 'same', useBias: false, name }));
  const around = (x: Symbolic) =>
    through(
      x,
      tf.layers.zeroPadding2d({
        padding: [
          [0, 1],
          [0, 1],
        ],
      }),
    );
  const block = (x: Symbolic, filters: number, strides: number, id: number) => {
    const each = tf.layers.depthwiseConv2d({
      kernelSize: 3,
      strides,
      padding: strides === 1 ? 'same' : 'valid',
      useBias: false,
      depthwiseInitializer: 'zeros',
      name: `conv_dw_${id}`,
    });
    const y = active(through(strides === 1 ? x : around(x), each), `conv_dw_${id}_bn`);
    return active(conv(y, filters, 1, 1, `conv_pw_${id}`), `conv_pw_${id}_bn`);
  };
  let x = active(conv(images, 32, 3, 2, 'conv1'), 'conv1_bn');
  const widths = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024];
  widths.forEach((filters, i) => {
    x = block(x, filters, [1, 3, 5, 11].includes(i) ? 2 : 1, i + 1);
  });
  const pooled = through(x, tf.layers.globalAveragePooling2d({}));
  return through(pooled, tf.layers.reshape({ targetShape: [1, 1, 1024] }));
}

/** inception_v3.py */
function inceptionV3(images: Symbolic): Symbolic {
  let count = 0;
  type Size = number | [number, number];
  const conv = (x: Symbolic, filters: number, kernelSize: Size, strides = 1, padding = 'same') => {
    count++;
    const name = `conv2d_${count}`;
    const options = { filters, kernelSize, strides, padding: padding as 'same', useBias: false, name };
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

const COMPARISONS: readonly Comparison[] = [
  {
    network: MOBILENET,
    counted: true,
    side: 64,
    trunk: mobileNet,
    heads: {
      conv_preds: { outputs: 1000, layer: convolution({ filters: 1000, kernelSize: 1, name: 'conv_preds' }) },
    },
  },
  {
    network: INCEPTION_V3_KERAS,
    counted: true,
    side: 107,
    trunk: inceptionV3,
    heads: {
      predictions: {
        outputs: 1000,
        layer: tf.layers.dense({ ...untrained, units: 1000, name: 'predictions' }) as unknown as Layer,
      },
    },
  },
];

describe('the logits of Keras', () => {
  it.each(COMPARISONS)('$network.name', compareLogits);
});
