/**
 * Inception v3 (Szegedy et al., CVPR 2016) without its auxiliary classifier, in torchvision's and in Keras' version.
 */
import type { Value } from '../onnx/index.js';
import { plainInput } from './inputs.js';
import { glorotUniform, type Layers, type Padding, type Pair } from './layers.js';
import type { HeadInitial, Network } from './types.js';

/** A convolution with batch norm and ReLU: name, channels, kernel, and stride and padding if not 1 and `half`. */
type Layer = readonly [name: string, outputs: number, kernel: Pair, stride?: number, pad?: Padding];

/** Layers in sequence; a nested list holds parallel layers that all read the one before it. */
type Branch = readonly (Layer | readonly Layer[])[];

interface Block {
  readonly name: string;
  /** Parallel branches. */
  readonly branches: readonly Branch[];
  /** The pooling branch: 3×3 max pooling with stride 2, or 3×3 average pooling followed by a layer. */
  readonly pool: 'largest' | Layer;
}

const ROW: Pair = [1, 7];
const COLUMN: Pair = [7, 1];

/** Section 5 of the paper: 5×5, twice 3×3, and 1×1 in parallel. */
const blockA = (name: string, pooled: number): Block => ({
  name,
  branches: [
    [['branch1x1', 64, 1]],
    [
      ['branch5x5_1', 48, 1],
      ['branch5x5_2', 64, 5],
    ],
    [
      ['branch3x3dbl_1', 64, 1],
      ['branch3x3dbl_2', 96, 3],
      ['branch3x3dbl_3', 96, 3],
    ],
  ],
  pool: ['branch_pool', pooled, 1],
});

/** Figure 6: 7×7 factorized into 1×7 and 7×1. */
const blockC = (name: string, inner: number): Block => ({
  name,
  branches: [
    [['branch1x1', 192, 1]],
    [
      ['branch7x7_1', inner, 1],
      ['branch7x7_2', inner, ROW],
      ['branch7x7_3', 192, COLUMN],
    ],
    [
      ['branch7x7dbl_1', inner, 1],
      ['branch7x7dbl_2', inner, COLUMN],
      ['branch7x7dbl_3', inner, ROW],
      ['branch7x7dbl_4', inner, COLUMN],
      ['branch7x7dbl_5', 192, ROW],
    ],
  ],
  pool: ['branch_pool', 192, 1],
});

/** Figure 7: the coarsest maps, where the branches fork once more. */
const blockE = (name: string): Block => ({
  name,
  branches: [
    [['branch1x1', 320, 1]],
    [
      ['branch3x3_1', 384, 1],
      [
        ['branch3x3_2a', 384, [1, 3]],
        ['branch3x3_2b', 384, [3, 1]],
      ],
    ],
    [
      ['branch3x3dbl_1', 448, 1],
      ['branch3x3dbl_2', 384, 3],
      [
        ['branch3x3dbl_3a', 384, [1, 3]],
        ['branch3x3dbl_3b', 384, [3, 1]],
      ],
    ],
  ],
  pool: ['branch_pool', 192, 1],
});

const STEM: readonly (Layer | 'pool')[] = [
  ['Conv2d_1a_3x3', 32, 3, 2, 'valid'],
  ['Conv2d_2a_3x3', 32, 3, 1, 'valid'],
  ['Conv2d_2b_3x3', 64, 3],
  'pool',
  ['Conv2d_3b_1x1', 80, 1],
  ['Conv2d_4a_3x3', 192, 3, 1, 'valid'],
  'pool',
];

const BLOCKS: readonly Block[] = [
  blockA('Mixed_5b', 32),
  blockA('Mixed_5c', 64),
  blockA('Mixed_5d', 64),
  {
    name: 'Mixed_6a',
    branches: [
      [['branch3x3', 384, 3, 2, 'valid']],
      [
        ['branch3x3dbl_1', 64, 1],
        ['branch3x3dbl_2', 96, 3],
        ['branch3x3dbl_3', 96, 3, 2, 'valid'],
      ],
    ],
    pool: 'largest',
  },
  blockC('Mixed_6b', 128),
  blockC('Mixed_6c', 160),
  blockC('Mixed_6d', 160),
  blockC('Mixed_6e', 192),
  {
    name: 'Mixed_7a',
    branches: [
      [
        ['branch3x3_1', 192, 1],
        ['branch3x3_2', 320, 3, 2, 'valid'],
      ],
      [
        ['branch7x7x3_1', 192, 1],
        ['branch7x7x3_2', 192, ROW],
        ['branch7x7x3_3', 192, COLUMN],
        ['branch7x7x3_4', 192, 3, 2, 'valid'],
      ],
    ],
    pool: 'largest',
  },
  blockE('Mixed_7b'),
  blockE('Mixed_7c'),
];

/** Differences between torchvision's and Keras' versions that weights do not reveal. */
interface Variant {
  /** Whether batch norm has a scale. */
  readonly scale: boolean;
  /** Whether average pooling counts padding. */
  readonly countPadding: boolean;
  readonly momentum: number;
  /** The initial weights of convolutions by their numbers of inputs and outputs; He's if left out. */
  readonly initial?: HeadInitial;
}

const SOURCE = 'Szegedy et al., Rethinking the Inception architecture for computer vision, CVPR 2016';

export const INCEPTION_V3: Network = {
  name: 'inception-v3',
  title: 'Inception v3',
  source: SOURCE,
  input: plainInput(299),
  smallest: 75,
  classifier: 'fc',
  build: (l, images) =>
    l.dropout(features(l, images, { scale: true, countPadding: true, momentum: 0.9 }), 0.5),
  published: {
    parameters: 23_834_568,
    statistics: false,
    heads: [1000],
    source: 'torchvision, without the auxiliary classifier',
  },
};

export const INCEPTION_V3_KERAS: Network = {
  name: 'inception-v3-keras',
  title: 'Inception v3 (Keras)',
  source: SOURCE,
  input: plainInput(299),
  smallest: 75,
  classifier: 'predictions',
  build: (l, images) =>
    features(l, images, { scale: false, countPadding: false, momentum: 0.99, initial: glorotUniform }),
  headInitial: glorotUniform,
  published: { parameters: 23_851_784, statistics: true, heads: [1000], source: 'Keras Applications' },
  keras: {
    terms: 'The weights of Keras Applications: trained on ImageNet, Apache-2.0.',
    layers: { ...kerasLayers(), predictions: 'predictions' },
  },
};

function features(l: Layers, images: Value, variant: Variant): Value {
  const stem = STEM.reduce(
    (x, made) => (made === 'pool' ? l.maxPool(x, 3, { stride: 2 }) : layer(l, x, made, variant)),
    images,
  );
  const maps = BLOCKS.reduce((x, made) => l.scope(made.name, () => block(l, x, made, variant)), stem);
  return l.globalPool(maps);
}

function layer(l: Layers, x: Value, [name, outputs, kernel, stride, pad]: Layer, variant: Variant): Value {
  const { scale, momentum, initial } = variant;
  const [height, width] = typeof kernel === 'number' ? [kernel, kernel] : kernel;
  return l.scope(name, () => {
    const made = l.conv(x, 'conv', outputs, kernel, {
      stride: stride ?? 1,
      pad: pad ?? 'half',
      ...(initial && { initial: initial(height * width * x.size(1), height * width * outputs) }),
    });
    return l.relu(l.norm(made, 'bn', { epsilon: 1e-3, momentum, scale }));
  });
}

function block(l: Layers, x: Value, { branches, pool }: Block, variant: Variant): Value {
  const made = branches.flatMap((branch) =>
    branch.reduce<readonly Value[]>(
      ([before], part) => layersOf(part).map((one) => layer(l, before!, one, variant)),
      [x],
    ),
  );
  return l.g.op('Concat', [...made, pooled(l, x, pool, variant)], { axis: 1 });
}

function pooled(l: Layers, x: Value, pool: Block['pool'], variant: Variant): Value {
  if (pool === 'largest') return l.maxPool(x, 3, { stride: 2 });
  const { countPadding } = variant;
  return layer(l, l.averagePool(x, 3, { stride: 1, pad: 'half', countPadding }), pool, variant);
}

function layersOf(part: Branch[number]): readonly Layer[] {
  return (typeof part[0] === 'string' ? [part] : part) as readonly Layer[];
}

/** Keras numbers layers in order of creation. */
function kerasLayers(): Record<string, string> {
  const scopes = [
    ...STEM.flatMap((made) => (made === 'pool' ? [] : [made[0]])),
    ...BLOCKS.flatMap(({ name, branches, pool }) => {
      const layers = branches.flat().flatMap(layersOf);
      return [...layers, ...(pool === 'largest' ? [] : [pool])].map(([own]) => `${name}.${own}`);
    }),
  ];
  return Object.fromEntries(
    scopes.flatMap((scope, i) => [
      [`${scope}.conv`, `conv2d_${i + 1}`],
      [`${scope}.bn`, `batch_normalization_${i + 1}`],
    ]),
  );
}
