/**
 * VGG (Simonyan and Zisserman, ICLR 2015: https://arxiv.org/abs/1409.1556), and VGG-Face, which is VGG-16 trained to
 * recognize 2,622 people (Parkhi, Vedaldi and Zisserman, BMVC 2015).
 */
import type { Value } from '../onnx/index.js';
import { adaptiveAveragePool } from './adaptive-pool.js';
import { caffeInput } from './inputs.js';
import { heNormal, type Layers } from './layers.js';
import type { KerasLayout, Network } from './types.js';

const WIDTHS = [64, 128, 256, 512, 512];
/** The number of convolutions in each of the five groups. */
const DEPTHS = { 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4] } as const;
type Depth = keyof typeof DEPTHS;

/** The side of the maps that the first dense layer reads. */
const MAP = 7;
const HIDDEN = 4096;
const DROPOUT = 0.5;
/** Five poolings halve the size. */
const SMALLEST = 32;

interface Convolution {
  readonly scope: string;
  readonly width: number;
  /** Counted from 1. */
  readonly group: number;
  /** Its place in the group, counted from 1. */
  readonly place: number;
}

/** The convolutions in order, named by `name`. */
const convolutions = (
  depth: Depth,
  name: (one: Omit<Convolution, 'scope'>, count: number) => string,
): Convolution[] => {
  let count = 0;
  return DEPTHS[depth].flatMap((length, i) =>
    Array.from({ length }, (_, k) => {
      const convolution = { width: WIDTHS[i]!, group: i + 1, place: k + 1 };
      return { ...convolution, scope: name(convolution, count++) };
    }),
  );
};

/** In torchvision a convolution and its ReLU each have a number, and so has the pooling at a group's end. */
const torchvisionConvolutions = (depth: Depth): Convolution[] =>
  convolutions(depth, ({ group }, count) => `features.${2 * count + group - 1}`);

function maps(l: Layers, images: Value, layers: readonly Convolution[]): Value {
  let x = images;
  for (const [i, { scope, width, group }] of layers.entries()) {
    x = l.relu(l.conv(x, scope, width, 3, { bias: true }));
    if (layers[i + 1]?.group !== group) x = l.maxPool(x, 2);
  }
  return x;
}

/** Two dense layers, each with dropout: `[N, 4096]`. */
function hidden(l: Layers, pooled: Value, scopes: readonly [first: string, second: string]): Value {
  let x = l.flatten(pooled);
  for (const scope of scopes) {
    x = l.dropout(l.relu(l.dense(x, scope, HIDDEN, { initial: heNormal(x.size(1)) })), DROPOUT);
  }
  return x;
}

function vgg(depth: Depth, parameters: number): Network {
  const layers = torchvisionConvolutions(depth);
  const keras: KerasLayout = {
    terms: 'The weights of Keras Applications: trained on ImageNet by the VGG group in Oxford, CC BY 4.0.',
    layers: {
      ...Object.fromEntries(layers.map((one) => [one.scope, `block${one.group}_conv${one.place}`])),
      'classifier.0': 'fc1',
      'classifier.3': 'fc2',
      'classifier.6': 'predictions',
    },
    flattened: { 'classifier.0': [WIDTHS.at(-1)!, MAP, MAP] },
  };
  return {
    name: `vgg${depth}`,
    title: `VGG-${depth}`,
    source: 'https://arxiv.org/abs/1409.1556',
    input: caffeInput(224),
    smallest: SMALLEST,
    classifier: 'classifier.6',
    build: (l, images) =>
      hidden(l, adaptiveAveragePool(l, maps(l, images, layers), MAP), ['classifier.0', 'classifier.3']),
    published: { parameters, statistics: true, heads: [1000], source: 'Keras Applications' },
    keras,
  };
}

export const VGG16 = vgg(16, 138_357_544);
export const VGG19 = vgg(19, 143_667_240);

const faceConvolutions = convolutions(16, ({ group, place }) => `conv${group}_${place}`);

/**
 * Its 7×7 convolution, which covers the whole map, and the 1×1 convolutions after it are dense layers here: the same
 * sums, but a batch reads the weights only once. A kernel of Keras' `[7, 7, 512, 4096]` has the same value order as a
 * dense layer on flattened maps. Pictures of other sizes than its 224 pixels have their maps pooled to 7×7, as in
 * torchvision's VGG.
 *
 * Keras' layer names follow the numbering of the sequence into which `vgg_face_weights.h5` is loaded:
 * https://github.com/serengil/deepface/blob/master/deepface/basemodels/VGGFace.py. The layer for people, `conv2d_16`,
 * is replaced by `predictions` for ages or genders. Those were trained on RGB in 0..1
 * (https://sefiks.com/2019/02/13/apparent-age-and-gender-prediction-in-keras), not on BGR minus the mean face colour,
 * as Parkhi's own weights.
 */
export const VGG_FACE: Network = {
  name: 'vgg-face',
  title: 'VGG-Face',
  source: 'https://www.robots.ox.ac.uk/~vgg/publications/2015/Parkhi15/parkhi15.pdf',
  input: { width: 224, height: 224, color: 'RGB', mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] },
  smallest: SMALLEST,
  classifier: 'fc8',
  build: (l, images) =>
    hidden(l, adaptiveAveragePool(l, maps(l, images, faceConvolutions), MAP), ['fc6', 'fc7']),
  published: {
    parameters: 145_002_878,
    statistics: true,
    heads: [2622],
    source: "Keras' summary of deepface's VGG-Face",
  },
  keras: {
    terms:
      'Trained on the VGG Face Dataset by the VGG group in Oxford: non-commercial use only (CC BY-NC 4.0).',
    layers: {
      ...Object.fromEntries(faceConvolutions.map(({ scope }, i) => [scope, `conv2d_${i + 1}`])),
      fc6: 'conv2d_14',
      fc7: 'conv2d_15',
      fc8: 'predictions',
    },
    flattened: { fc6: [WIDTHS.at(-1)!, MAP, MAP] },
  },
};
