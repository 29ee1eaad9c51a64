/**
 * AL-ResNet as the notebooks of Deep Age have it (Vashatkar, "Deep Age - Towards better approaches for predicting age from
 * images"), after Zhang et al. (Fine-grained age estimation in the wild with attention LSTM networks:
 * https://arxiv.org/abs/1805.10445): a branch for the whole face and one for a region chosen by an LSTM, on the maps of a
 * backbone that is not trained with them.
 */
import type { Value } from '../onnx/index.js';
import { type Box, croppedMeans } from './crop.js';
import { RESNET50_V2_BACKBONE } from './deep-age.js';
import { unitInput } from './inputs.js';
import { glorotUniform, type Layers } from './layers.js';
import { lstm } from './lstm.js';
import { resNet50V2Maps } from './resnet.js';
import type { Network, NetworkEnd } from './types.js';

const BACKBONE = 'backbone';

/** The length of the feature sequence that the LSTM reads. */
const SEQUENCE = 512;
const HIDDEN = 128;
/** The convolution that makes four numbers of the 256 of hidden and cell state. */
const KERNEL = 250;
const STRIDE = 2;
/** The side in pixels to which the region is resized. */
const REGION = 8;
const BRANCH = 256;

/**
 * Branches `global` and `local`, with shares of 1 and 0.5, and `region`, the local branch without its dense layer, which
 * counts only where a stage says so: the first of two phases trains it alone.
 */
function branches(l: Layers, maps: Value): NetworkEnd {
  const means = l.globalPool(maps);
  const box = l.scope('local', () => boxOf(l, means));
  const region = croppedMeans(l, maps, box, REGION);
  return [
    { name: 'global', features: l.relu(l.dense(means, 'global.fc', BRANCH)), share: 1 },
    { name: 'local', features: l.relu(l.dense(region, 'local.hidden', BRANCH)), share: 0.5 },
    { name: 'region', features: region, share: 0 },
  ];
}

export const AL_RESNET: Network = {
  name: 'al-resnet',
  title: 'AL-ResNet',
  source: 'https://arxiv.org/abs/1805.10445',
  input: unitInput(256),
  classifier: 'classifier',
  headInitial: glorotUniform,
  backbone: BACKBONE,
  build: (l, images) =>
    branches(
      l,
      l.scope(BACKBONE, () => resNet50V2Maps(l, images)),
    ),
  onMaps: branches,
  keras: RESNET50_V2_BACKBONE,
};

/** The region's box, from the means of all maps `[N, C]`: top, left, bottom, right, which may be inside out. */
function boxOf(l: Layers, means: Value): Box {
  const { g } = l;
  const features = l.relu(l.dense(means, 'fc', SEQUENCE));
  const sequence = g.op('Unsqueeze', [g.op('Transpose', [features], { perm: [1, 0] }), g.ints([2])]);
  const { hidden, cell } = lstm(l, sequence, 'lstm', HIDDEN, { kind: 'orthogonal' });
  const known = g.op('Unsqueeze', [g.op('Concat', [hidden, cell], { axis: 1 }), g.ints([1, 2])]);
  const edges = l.conv(known, 'box', 1, [1, KERNEL], {
    stride: [1, STRIDE],
    pad: 'valid',
    bias: true,
    initial: glorotUniform(KERNEL, KERNEL),
  });
  const four = l.flatten(g.op('Sigmoid', [edges]));
  const [top, left, bottom, right] = g.ops('Split', 4, [four, g.ints([1, 1, 1, 1])], { axis: 1 });
  return { top, left, bottom, right };
}
