/** EfficientNet-B0 (Tan and Le, ICML 2019), with torchvision's names. */
import { sigmoid, silu } from './activations.js';
import { torchvisionInput } from './inputs.js';
import { convNorm, invertedResidual } from './inverted-residual.js';
import type { Network } from './types.js';

/** Table 1 of the paper: expansion factor, kernel, first stride, channels and blocks. */
const STAGES: readonly (readonly [
  factor: number,
  kernel: number,
  stride: number,
  outputs: number,
  blocks: number,
])[] = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
];

/** Without stochastic depth, with which the authors' training drops whole blocks at random. */
export const EFFICIENTNET_B0: Network = {
  name: 'efficientnet-b0',
  title: 'EfficientNet-B0',
  source: 'Tan and Le, EfficientNet: rethinking model scaling for convolutional neural networks, ICML 2019',
  input: torchvisionInput(224),
  classifier: 'classifier.1',
  build(l, images) {
    const maps = l.scope('features', () => {
      let made = convNorm(l, images, '0', 32, 3, { stride: 2, activation: silu });
      STAGES.forEach(([factor, kernel, stride, outputs, blocks], stage) => {
        for (let i = 0; i < blocks; i++) {
          const x = made;
          const squeeze = { channels: Math.floor(x.size(1) / 4), activation: silu, gate: sigmoid };
          const expanded = factor * x.size(1);
          const shape = { kernel, expanded, outputs, stride: i === 0 ? stride : 1 };
          made = l.scope(`${stage + 1}.${i}`, () =>
            invertedResidual(l, x, { ...shape, squeeze, activation: silu }),
          );
        }
      });
      return convNorm(l, made, String(STAGES.length + 1), 1280, 1, { activation: silu });
    });
    return l.dropout(l.globalPool(maps), 0.2);
  },
  published: { parameters: 5_288_548, statistics: false, heads: [1000], source: 'torchvision' },
};
