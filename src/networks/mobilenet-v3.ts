/** MobileNet v3, large and small (Howard et al., ICCV 2019), with torchvision's names. */
import { hardSigmoid, hardSwish, relu } from './activations.js';
import { torchvisionInput } from './inputs.js';
import { convNorm, invertedResidual } from './inverted-residual.js';
import type { Network } from './types.js';

/** A row of the paper's tables 1 and 2. */
type Block = readonly [
  kernel: number,
  expanded: number,
  outputs: number,
  squeeze: boolean,
  activation: 'RE' | 'HS',
  stride: number,
];

const LARGE: readonly Block[] = [
  [3, 16, 16, false, 'RE', 1],
  [3, 64, 24, false, 'RE', 2],
  [3, 72, 24, false, 'RE', 1],
  [5, 72, 40, true, 'RE', 2],
  [5, 120, 40, true, 'RE', 1],
  [5, 120, 40, true, 'RE', 1],
  [3, 240, 80, false, 'HS', 2],
  [3, 200, 80, false, 'HS', 1],
  [3, 184, 80, false, 'HS', 1],
  [3, 184, 80, false, 'HS', 1],
  [3, 480, 112, true, 'HS', 1],
  [3, 672, 112, true, 'HS', 1],
  [5, 672, 160, true, 'HS', 2],
  [5, 960, 160, true, 'HS', 1],
  [5, 960, 160, true, 'HS', 1],
];

const SMALL: readonly Block[] = [
  [3, 16, 16, true, 'RE', 2],
  [3, 72, 24, false, 'RE', 2],
  [3, 88, 24, false, 'RE', 1],
  [5, 96, 40, true, 'HS', 2],
  [5, 240, 40, true, 'HS', 1],
  [5, 240, 40, true, 'HS', 1],
  [5, 120, 48, true, 'HS', 1],
  [5, 144, 48, true, 'HS', 1],
  [5, 288, 96, true, 'HS', 2],
  [5, 576, 96, true, 'HS', 1],
  [5, 576, 96, true, 'HS', 1],
];

const NORM = { epsilon: 1e-3, momentum: 0.99 };

export const MOBILENET_V3_LARGE = mobileNetV3('large', LARGE, 1280, 5_483_032);
export const MOBILENET_V3_SMALL = mobileNetV3('small', SMALL, 1024, 2_542_856);

function mobileNetV3(size: string, blocks: readonly Block[], hidden: number, parameters: number): Network {
  return {
    name: `mobilenet-v3-${size}`,
    title: `MobileNet v3 ${size}`,
    source: 'Howard et al., Searching for MobileNetV3, ICCV 2019',
    input: torchvisionInput(224),
    classifier: 'classifier.3',
    build(l, images) {
      const plain = { norm: NORM, activation: hardSwish };
      const maps = l.scope('features', () => {
        const stem = convNorm(l, images, '0', 16, 3, { ...plain, stride: 2 });
        const last = blocks.reduce(
          (x, [kernel, expanded, outputs, squeeze, activation, stride], i) =>
            l.scope(String(i + 1), () =>
              invertedResidual(l, x, {
                kernel,
                expanded,
                outputs,
                stride,
                norm: NORM,
                activation: activation === 'HS' ? hardSwish : relu,
                squeeze: squeeze
                  ? { channels: roundedToEights(expanded / 4), activation: relu, gate: hardSigmoid }
                  : undefined,
              }),
            ),
          stem,
        );
        return convNorm(l, last, String(blocks.length + 1), 6 * last.size(1), 1, plain);
      });
      return l.dropout(hardSwish(l, l.dense(l.globalPool(maps), 'classifier.0', hidden)), 0.2);
    },
    published: { parameters, statistics: false, heads: [1000], source: 'torchvision' },
  };
}

/** The nearest multiple of 8, or the next one up if that is less than nine tenths of the channels. */
function roundedToEights(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}
