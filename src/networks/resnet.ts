/**
 * ResNets (He et al., CVPR 2016: https://arxiv.org/abs/1512.03385), with torchvision's names for parameters, and their
 * second version, where normalisation comes first (He et al., ECCV 2016: https://arxiv.org/abs/1603.05027).
 */
import type { Value } from '../onnx/index.js';
import { caffeInput, plainInput, torchvisionInput } from './inputs.js';
import type { Layers, NormOptions } from './layers.js';
import type { KerasLayout, Network } from './types.js';

const WIDTHS = [64, 128, 256, 512];
/** The ratio of a bottleneck's output channels to its width. */
const EXPANSION = 4;
const BLOCKS_OF_50 = [3, 4, 6, 3];

/** Batch norm as in keras_applications/resnet_common.py, with Keras' momentum. */
const KERAS_NORM: NormOptions = { epsilon: 1.001e-5, momentum: 0.99 };

interface Block {
  readonly scope: string;
  readonly width: number;
  readonly stride: number;
  /** Whether the shortcut has a 1×1 convolution. */
  readonly projected: boolean;
}

/** Differences between implementations of the first version. */
interface Style {
  readonly bias: boolean;
  readonly norm: NormOptions;
  /** Which convolution of a bottleneck has the stride, counted from 1. */
  readonly strided: 1 | 2;
}

const TORCHVISION: Style = { bias: false, norm: {}, strided: 2 };
const KERAS: Style = { bias: true, norm: KERAS_NORM, strided: 1 };

type Unit = (l: Layers, x: Value, block: Block) => Value;

const convNorm = (
  l: Layers,
  x: Value,
  [conv, norm]: readonly [conv: string, norm: string],
  width: number,
  kernel: number,
  { bias, norm: options }: Style,
  stride = 1,
): Value => l.norm(l.conv(x, conv, width, kernel, { stride, bias }), norm, options);

const DOWNSAMPLE = ['downsample.0', 'downsample.1'] as const;

const basicUnit =
  (style: Style): Unit =>
  (l, x, { width, stride, projected }) => {
    const inner = l.relu(convNorm(l, x, ['conv1', 'bn1'], width, 3, style, stride));
    const main = convNorm(l, inner, ['conv2', 'bn2'], width, 3, style);
    const shortcut = projected ? convNorm(l, x, DOWNSAMPLE, width, 1, style, stride) : x;
    return l.relu(l.g.op('Add', [main, shortcut]));
  };

const bottleneckUnit =
  (style: Style): Unit =>
  (l, x, { width, stride, projected }) => {
    const strideOf = (layer: number) => (layer === style.strided ? stride : 1);
    const narrow = l.relu(convNorm(l, x, ['conv1', 'bn1'], width, 1, style, strideOf(1)));
    const inner = l.relu(convNorm(l, narrow, ['conv2', 'bn2'], width, 3, style, strideOf(2)));
    const main = convNorm(l, inner, ['conv3', 'bn3'], EXPANSION * width, 1, style);
    const shortcut = projected ? convNorm(l, x, DOWNSAMPLE, EXPANSION * width, 1, style, stride) : x;
    return l.relu(l.g.op('Add', [main, shortcut]));
  };

/** The blocks of the first version: a group begins with its stride. */
function blocksOf(lengths: readonly number[], expansion: number): Block[] {
  return lengths.flatMap((length, group) =>
    Array.from({ length }, (_, block) => ({
      scope: `layer${group + 1}.${block}`,
      width: WIDTHS[group]!,
      stride: group > 0 && block === 0 ? 2 : 1,
      projected: block === 0 && (group > 0 || expansion > 1),
    })),
  );
}

/** Images to the mean of the last maps, `[N, 512]` or `[N, 2048]`. */
function build(unit: Unit, blocks: readonly Block[], style: Style): Network['build'] {
  return (l, images) => {
    const stem = l.relu(convNorm(l, images, ['conv1', 'bn1'], WIDTHS[0]!, 7, style, 2));
    let x = l.maxPool(stem, 3, { stride: 2, pad: 'half' });
    for (const block of blocks) x = l.scope(block.scope, () => unit(l, x, block));
    return l.globalPool(x);
  };
}

function torchvisionResNet(depth: number, lengths: readonly number[], parameters: number): Network {
  const bottleneck = depth >= 50;
  const blocks = blocksOf(lengths, bottleneck ? EXPANSION : 1);
  const unit = bottleneck ? bottleneckUnit(TORCHVISION) : basicUnit(TORCHVISION);
  return {
    name: `resnet${depth}`,
    title: bottleneck ? `ResNet-${depth} v1.5` : `ResNet-${depth}`,
    source: 'https://arxiv.org/abs/1512.03385',
    input: torchvisionInput(224),
    classifier: 'fc',
    build: build(unit, blocks, TORCHVISION),
    published: { parameters, statistics: false, heads: [1000], source: 'torchvision' },
  };
}

export const RESNET18 = torchvisionResNet(18, [2, 2, 2, 2], 11_689_512);
export const RESNET34 = torchvisionResNet(34, [3, 4, 6, 3], 21_797_672);
/** Its strides are in the 3×3 convolutions, unlike in the paper. */
export const RESNET50 = torchvisionResNet(50, BLOCKS_OF_50, 25_557_032);

/** Keras' name of a layer in a block; Keras counts groups from 2 and blocks from 1. */
const kerasName = (group: number, block: number, layer: string): string =>
  `conv${group + 2}_block${block + 1}_${layer}`;

/** Maps the layers of all blocks from their names here to Keras' names. */
function kerasBlocks(
  layers: Readonly<Record<string, string>>,
  shortcut: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    BLOCKS_OF_50.flatMap((length, group) =>
      Array.from({ length }, (_, block) =>
        Object.entries(block === 0 ? { ...layers, ...shortcut } : layers).map(([scope, layer]) => [
          `layer${group + 1}.${block}.${scope}`,
          kerasName(group, block, layer),
        ]),
      ).flat(),
    ),
  );
}

const KERAS_TERMS = 'The weights of Keras Applications: trained on ImageNet, MIT licence.';

const KERAS_V1: KerasLayout = {
  terms: KERAS_TERMS,
  layers: {
    conv1: 'conv1_conv',
    bn1: 'conv1_bn',
    ...kerasBlocks(
      { conv1: '1_conv', bn1: '1_bn', conv2: '2_conv', bn2: '2_bn', conv3: '3_conv', bn3: '3_bn' },
      { 'downsample.0': '0_conv', 'downsample.1': '0_bn' },
    ),
    fc: 'predictions',
  },
};

/** As in the paper and in Keras: strides in the first 1×1 convolutions; convolutions have a bias. */
export const RESNET50_V1: Network = {
  name: 'resnet50-v1',
  title: 'ResNet-50',
  source: 'https://arxiv.org/abs/1512.03385',
  input: caffeInput(224),
  classifier: 'fc',
  build: build(bottleneckUnit(KERAS), blocksOf(BLOCKS_OF_50, EXPANSION), KERAS),
  published: { parameters: 25_636_712, statistics: true, heads: [1000], source: 'Keras Applications' },
  keras: KERAS_V1,
};

/** Keras' second version: each group but the last ends with its stride, and a strided shortcut subsamples. */
const V2_BLOCKS: readonly Block[] = BLOCKS_OF_50.flatMap((length, group) =>
  Array.from({ length }, (_, block) => ({
    scope: `layer${group + 1}.${block}`,
    width: WIDTHS[group]!,
    stride: block === length - 1 && group < BLOCKS_OF_50.length - 1 ? 2 : 1,
    projected: block === 0,
  })),
);

const preActivationUnit: Unit = (l, x, { width, stride, projected }) => {
  const ready = l.relu(l.norm(x, 'preact', KERAS_NORM));
  const narrow = l.relu(l.norm(l.conv(ready, 'conv1', width, 1), 'bn1', KERAS_NORM));
  const inner = l.relu(l.norm(l.conv(narrow, 'conv2', width, 3, { stride }), 'bn2', KERAS_NORM));
  const main = l.conv(inner, 'conv3', EXPANSION * width, 1, { bias: true });
  const same = stride > 1 ? l.maxPool(x, 1, { stride }) : x;
  const shortcut = projected ? l.conv(ready, 'downsample', EXPANSION * width, 1, { bias: true }) : same;
  return l.g.op('Add', [main, shortcut]);
};

/**
 * Maps with a pixel of zeros around them. In Keras the max pooling that follows includes these zeros, and without a
 * ReLU before it they are not always the minimum; ONNX Runtime keeps them only if they are negative zeros (see
 * `keepZeroPadding`).
 */
const zerosAround = (l: Layers, x: Value): Value =>
  l.g.op('Pad', [x, l.g.ints([0, 0, 1, 1, 0, 0, 1, 1]), l.g.scalar(-0)]);

/** Images to the last maps, `[N, 2048, ⌈H / 32⌉, ⌈W / 32⌉]`. */
export function resNet50V2Maps(l: Layers, images: Value): Value {
  const stem = l.conv(images, 'conv1', WIDTHS[0]!, 7, { stride: 2, bias: true });
  let x = l.maxPool(zerosAround(l, stem), 3, { stride: 2 });
  for (const block of V2_BLOCKS) x = l.scope(block.scope, () => preActivationUnit(l, x, block));
  return l.relu(l.norm(x, 'bn', KERAS_NORM));
}

export const RESNET50_V2: Network = {
  name: 'resnet50-v2',
  title: 'ResNet-50 v2',
  source: 'https://arxiv.org/abs/1603.05027',
  input: plainInput(224),
  classifier: 'fc',
  build: (l, images) => l.globalPool(resNet50V2Maps(l, images)),
  published: { parameters: 25_613_800, statistics: true, heads: [1000], source: 'Keras Applications' },
  keras: {
    terms: KERAS_TERMS,
    layers: {
      conv1: 'conv1_conv',
      ...kerasBlocks(
        {
          preact: 'preact_bn',
          conv1: '1_conv',
          bn1: '1_bn',
          conv2: '2_conv',
          bn2: '2_bn',
          conv3: '3_conv',
        },
        { downsample: '0_conv' },
      ),
      bn: 'post_bn',
      fc: 'predictions',
    },
  },
};
