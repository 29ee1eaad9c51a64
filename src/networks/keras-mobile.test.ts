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
import { inceptionV3 } from '../../test/support/keras-networks.js';
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
