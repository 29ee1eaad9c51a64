/** Baselines: no hidden layer, dense layers only, and a few convolutions. */
import { plainInput } from './inputs.js';
import type { Network } from './types.js';

/** The head reads the pixels. */
export const SOFTMAX_REGRESSION: Network = {
  name: 'softmax-regression',
  title: 'Softmax regression',
  source: 'Cox, The regression analysis of binary sequences, Journal of the Royal Statistical Society 1958',
  input: plainInput(64),
  classifier: 'classifier',
  build: (l, images) => l.flatten(images),
};

export const DENSE_NETWORK: Network = {
  name: 'dense-network',
  title: 'Dense network',
  source: 'Rumelhart, Hinton, Williams, Learning representations by back-propagating errors, Nature 1986',
  input: plainInput(64),
  classifier: 'classifier',
  build(l, images) {
    const first = l.relu(l.dense(l.flatten(images), 'fc1', 512));
    const second = l.relu(l.dense(l.dropout(first, 0.3), 'fc2', 256));
    return l.dropout(l.relu(l.dense(second, 'fc3', 128)), 0.3);
  },
};

/** Three convolutions with batch norm, each followed by pooling to half the size, and a dense layer. */
export const SMALL_CNN: Network = {
  name: 'small-cnn',
  title: 'Small CNN',
  source: 'three convolutions of 32, 64 and 128 channels and a dense layer of 256',
  input: plainInput(64),
  smallest: 8,
  classifier: 'classifier',
  build(l, images) {
    const maps = [32, 64, 128].reduce((x, channels, i) => {
      const made = l.norm(l.conv(x, `conv${i + 1}`, channels, 3), `norm${i + 1}`);
      return l.maxPool(l.relu(made), 2);
    }, images);
    return l.dropout(l.relu(l.dense(l.flatten(maps), 'fc1', 256)), 0.5);
  },
};
