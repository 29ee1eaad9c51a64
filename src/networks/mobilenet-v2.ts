/** MobileNet v2 (Sandler et al., CVPR 2018), with torchvision's names. */
import type { Value } from '../onnx/index.js';
import { relu6 } from './activations.js';
import { torchvisionInput } from './inputs.js';
import { convNorm } from './inverted-residual.js';
import type { Layers } from './layers.js';
import type { Network } from './types.js';

/** Table 2 of the paper: expansion factor, channels, blocks, and the first block's stride. */
const STAGES: readonly (readonly [factor: number, outputs: number, blocks: number, stride: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

export const MOBILENET_V2: Network = {
  name: 'mobilenet-v2',
  title: 'MobileNet v2',
  source: 'Sandler et al., MobileNetV2: inverted residuals and linear bottlenecks, CVPR 2018',
  input: torchvisionInput(224),
  classifier: 'classifier.1',
  build(l, images) {
    const maps = l.scope('features', () => {
      let made = convNorm(l, images, '0', 32, 3, { stride: 2, activation: relu6 });
      let index = 1;
      for (const [factor, outputs, blocks, stride] of STAGES) {
        for (let i = 0; i < blocks; i++) {
          const x = made;
          made = l.scope(`${index++}.conv`, () => bottleneck(l, x, factor, outputs, i === 0 ? stride : 1));
        }
      }
      return convNorm(l, made, String(index), 1280, 1, { activation: relu6 });
    });
    return l.dropout(l.globalPool(maps), 0.2);
  },
  published: { parameters: 3_504_872, statistics: false, heads: [1000], source: 'torchvision' },
};

/** Layers `0`, `1` and so on; without expansion the first is left out. The last convolution has no activation. */
function bottleneck(l: Layers, x: Value, factor: number, outputs: number, stride: number): Value {
  const expanded = factor * x.size(1);
  let layer = 0;
  const next = () => String(layer++);
  const wide = factor === 1 ? x : convNorm(l, x, next(), expanded, 1, { activation: relu6 });
  const each = convNorm(l, wide, next(), expanded, 3, { stride, groups: expanded, activation: relu6 });
  const made = l.norm(l.conv(each, next(), outputs, 1), next());
  return stride === 1 && outputs === x.size(1) ? l.g.op('Add', [made, x]) : made;
}
