/** AlexNet in its one-GPU form (Krizhevsky 2014: https://arxiv.org/abs/1404.5997), with torchvision's names. */
import { adaptiveAveragePool } from './adaptive-pool.js';
import { torchvisionInput } from './inputs.js';
import { heNormal, type WindowOptions } from './layers.js';
import type { Network } from './types.js';

interface Convolution extends WindowOptions {
  readonly scope: string;
  readonly width: number;
  readonly kernel: number;
  readonly pooled?: boolean;
}

const CONVOLUTIONS: readonly Convolution[] = [
  { scope: 'features.0', width: 64, kernel: 11, stride: 4, pad: [2, 2, 2, 2], pooled: true },
  { scope: 'features.3', width: 192, kernel: 5, pooled: true },
  { scope: 'features.6', width: 384, kernel: 3 },
  { scope: 'features.8', width: 256, kernel: 3 },
  { scope: 'features.10', width: 256, kernel: 3, pooled: true },
];

const MAP = 6;
const HIDDEN = 4096;
const DROPOUT = 0.5;

export const ALEXNET: Network = {
  name: 'alexnet',
  title: 'AlexNet',
  source: 'https://arxiv.org/abs/1404.5997',
  input: torchvisionInput(224),
  smallest: 63,
  classifier: 'classifier.6',
  build(l, images) {
    let x = images;
    for (const { scope, width, kernel, pooled, ...window } of CONVOLUTIONS) {
      x = l.relu(l.conv(x, scope, width, kernel, { ...window, bias: true }));
      if (pooled) x = l.maxPool(x, 3, { stride: 2 });
    }
    x = l.flatten(adaptiveAveragePool(l, x, MAP));
    for (const scope of ['classifier.1', 'classifier.4']) {
      x = l.relu(l.dense(l.dropout(x, DROPOUT), scope, HIDDEN, { initial: heNormal(x.size(1)) }));
    }
    return x;
  },
  published: { parameters: 61_100_840, statistics: false, heads: [1000], source: 'torchvision' },
};
