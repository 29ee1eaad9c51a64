/**
 * AL-ResNet: a ResNet-50 v2 with a branch for the whole face and one for a region chosen by an LSTM, after Zhang et al.
 * (Fine-grained age estimation in the wild with attention LSTM networks: https://arxiv.org/abs/1805.10445).
 */
import { float32, type Value } from '../onnx/index.js';
import { type Box, croppedMeans } from './crop.js';
import { plainInput } from './inputs.js';
import type { Layers } from './layers.js';
import { lstm } from './lstm.js';
import { RESNET50_V2, resNet50V2Maps } from './resnet.js';
import type { Network } from './types.js';

const BACKBONE = 'backbone';

/** The length of the feature sequence that the LSTM reads. */
const SEQUENCE = 512;
const HIDDEN = 128;
/** The side in pixels to which the region is resized. */
const REGION = 8;

/**
 * Added before the sigmoid, so that an untrained box has its edges near 0.12 and 0.88 rather than all at the centre.
 * Neither the paper nor the published system mentions this.
 */
const EDGES = [-2, -2, 2, 2];

export const AL_RESNET: Network = {
  name: 'al-resnet',
  title: 'AL-ResNet',
  source: 'https://arxiv.org/abs/1805.10445',
  input: plainInput(256),
  classifier: 'classifier',
  backbone: BACKBONE,
  build(l, images) {
    const maps = l.scope(BACKBONE, () => resNet50V2Maps(l, images));
    const means = l.globalPool(maps);
    const box = l.scope('local', () => boxOf(l, means));
    return [
      { name: 'global', features: l.relu(l.dense(means, 'global.fc', 256)), share: 1 },
      { name: 'local', features: croppedMeans(l, maps, box, REGION), share: 0.5 },
    ];
  },
  keras: {
    terms: RESNET50_V2.keras!.terms,
    layers: Object.fromEntries(
      Object.entries(RESNET50_V2.keras!.layers)
        .filter(([scope]) => scope !== RESNET50_V2.classifier)
        .map(([scope, layer]) => [`${BACKBONE}.${scope}`, layer]),
    ),
  },
};

/** The region to attend to, from the means of all maps `[N, 2048]`. */
function boxOf(l: Layers, means: Value): Box {
  const { g } = l;
  const features = l.relu(l.dense(means, 'fc', SEQUENCE));
  const sequence = g.op('Unsqueeze', [g.op('Transpose', [features], { perm: [1, 0] }), g.ints([2])]);
  const { hidden, cell } = lstm(l, sequence, 'lstm', HIDDEN);
  const known = g.op('Concat', [hidden, cell], { axis: 1 });
  const edges = g.op('Add', [l.dense(known, 'box', EDGES.length), g.constant(float32('', [1, 4], EDGES))]);
  const ones = g.ints(EDGES.map(() => 1));
  const [top, left, bottom, right] = g.ops('Split', 4, [g.op('Sigmoid', [edges]), ones], { axis: 1 });
  return { top, left, bottom, right };
}
