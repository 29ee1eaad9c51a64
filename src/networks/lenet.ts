/** LeNet-5 (LeCun, Bottou, Bengio, Haffner, Proceedings of the IEEE 1998) in its modern form. */
import { plainInput } from './inputs.js';
import type { Network } from './types.js';

/**
 * Two convolutions and two dense layers of the paper's widths. ReLU replaces tanh, which saturates and learns more
 * slowly, max pooling replaces trained averages, and every map of the second convolution reads all maps of the first.
 */
export const LENET: Network = {
  name: 'lenet-5',
  title: 'LeNet-5',
  source:
    'LeCun et al., Gradient-based learning applied to document recognition, Proceedings of the IEEE 1998',
  input: plainInput(64),
  smallest: 28,
  classifier: 'fc3',
  build(l, images) {
    const convolution = { bias: true, pad: 'valid' } as const;
    const first = l.maxPool(l.relu(l.conv(images, 'conv1', 6, 5, convolution)), 2);
    const second = l.maxPool(l.relu(l.conv(first, 'conv2', 16, 5, convolution)), 2);
    const hidden = l.relu(l.dense(l.flatten(second), 'fc1', 120));
    return l.relu(l.dense(hidden, 'fc2', 84));
  },
  published: {
    parameters: 62_006,
    statistics: false,
    heads: [10],
    side: 32,
    source: "PyTorch's CIFAR-10 tutorial",
  },
};
