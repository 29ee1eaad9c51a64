/**
 * The baselines of Deep Age (Vashatkar, "Deep Age - Towards better approaches for predicting age from images"), the system
 * with AL-ResNet, as its notebooks build them in Keras.
 */
import type { Value } from '../onnx/index.js';
import { caffeInput, unitInput } from './inputs.js';
import { type ConvOptions, glorotUniform, type Layers } from './layers.js';
import { RESNET50_V2, resNet50V2Maps } from './resnet.js';
import type { Network } from './types.js';

const SOURCE = 'Vashatkar, Deep Age - Towards better approaches for predicting age from images (ALresnet)';

/** Keras' defaults. */
const NORM = { epsilon: 1e-3, momentum: 0.99 };

/** A convolution with a bias as Keras initializes it, and its ReLU. */
function conv(
  l: Layers,
  x: Value,
  name: string,
  outputs: number,
  kernel: number,
  options: ConvOptions = {},
): Value {
  const initial = glorotUniform(kernel ** 2 * x.size(1), kernel ** 2 * outputs);
  return l.relu(l.conv(x, name, outputs, kernel, { pad: 'valid', ...options, bias: true, initial }));
}

const around = (pixels: number) => [pixels, pixels, pixels, pixels] as const;

const network = (facts: Pick<Network, 'name' | 'title' | 'build' | 'smallest'>, side: number): Network => ({
  ...facts,
  source: SOURCE,
  input: caffeInput(side),
  classifier: 'classifier',
  headInitial: glorotUniform,
});

export const DEEP_AGE_SOFTMAX = network(
  {
    name: 'deep-age-softmax',
    title: 'Softmax regression (Deep Age)',
    build: (l, images) => l.flatten(images),
  },
  256,
);

export const DEEP_AGE_LENET = network(
  {
    name: 'deep-age-lenet',
    title: 'LeNet (Deep Age)',
    smallest: 10,
    build(l, images) {
      const first = l.averagePool(conv(l, images, 'conv1', 6, 3), 2);
      const second = l.averagePool(conv(l, first, 'conv2', 16, 3), 2);
      return l.relu(l.dense(l.relu(l.dense(l.flatten(second), 'fc1', 120)), 'fc2', 84));
    },
  },
  32,
);

export const DEEP_AGE_ALEXNET = network(
  {
    name: 'deep-age-alexnet',
    title: 'AlexNet (Deep Age)',
    smallest: 215,
    build(l, images) {
      const first = l.maxPool(conv(l, images, 'conv1', 96, 11, { stride: 4 }), 2);
      const second = l.maxPool(conv(l, first, 'conv2', 256, 11), 2);
      const inner = conv(l, conv(l, second, 'conv3', 384, 3), 'conv4', 384, 3);
      const maps = l.maxPool(conv(l, inner, 'conv5', 256, 3), 2);
      return [4096, 4096, 1000].reduce(
        (x, width, i) => l.dropout(l.relu(l.dense(x, `fc${i + 1}`, width)), 0.4),
        l.flatten(maps),
      );
    },
  },
  224,
);

/** The notebook `research_paper`: three convolutions, two dense layers of 512. */
export const DEEP_AGE_4C2F = network(
  {
    name: 'deep-age-4c2f',
    title: '4C2F (Deep Age, research_paper)',
    smallest: 35,
    build(l, images) {
      const first = l.norm(l.maxPool(conv(l, images, 'conv1', 96, 7, { stride: 4 }), 2), 'norm1', NORM);
      const second = l.norm(l.maxPool(conv(l, first, 'conv2', 256, 5, { pad: around(2) }), 2), 'norm2', NORM);
      const maps = l.maxPool(conv(l, second, 'conv3', 256, 3, { pad: around(1) }), 2);
      return ['fc1', 'fc2'].reduce(
        (x, name) => l.dropout(l.relu(l.dense(x, name, 512)), 0.3),
        l.flatten(maps),
      );
    },
  },
  227,
);

/** The notebook `research_paper_mod`: four convolutions, one dense layer of 128. */
export const DEEP_AGE_4C2F_MOD = network(
  {
    name: 'deep-age-4c2f-mod',
    title: '4C2F (Deep Age, research_paper_mod)',
    smallest: 99,
    build(l, images) {
      const layers: readonly (readonly [width: number, kernel: number, options: ConvOptions])[] = [
        [96, 7, { stride: 4 }],
        [128, 5, { pad: around(2) }],
        [128, 3, { pad: around(1) }],
        [256, 3, { stride: 2, pad: around(1) }],
      ];
      const maps = layers.reduce(
        (x, [width, kernel, options], i) =>
          l.norm(l.maxPool(conv(l, x, `conv${i + 1}`, width, kernel, options), 2), `norm${i + 1}`, NORM),
        images,
      );
      return l.dropout(l.relu(l.dense(l.flatten(maps), 'fc1', 128)), 0.25);
    },
  },
  227,
);

export const DEEP_AGE_DNN = network(
  {
    name: 'deep-age-dnn',
    title: 'Dense network (Deep Age)',
    build: (l, images) => l.relu(l.dropout(l.dense(l.flatten(images), 'fc1', 256), 0.2)),
  },
  256,
);

/** The widths of the convolutions; a group ends with max pooling and batch norm. */
const CNN = [[32, 64], [64, 64], [128], [256], [256], [512]] as const;

export const DEEP_AGE_CNN = network(
  {
    name: 'deep-age-cnn',
    title: 'CNN (Deep Age)',
    smallest: 64,
    build(l, images) {
      let x = images;
      let count = 0;
      for (const [group, widths] of CNN.entries()) {
        for (const width of widths) x = conv(l, x, `conv${++count}`, width, 3, { pad: 'same' });
        x = l.norm(l.maxPool(x, 2), `norm${group + 1}`, NORM);
      }
      return l.relu(l.dense(l.flatten(x), 'fc1', 512));
    },
  },
  256,
);

/** Keras' VGG-19 for pictures of 256 pixels: dense layers read maps of 8×8, and there is no dropout. */
const VGG_GROUPS = [
  [64, 2],
  [128, 2],
  [256, 4],
  [512, 4],
  [512, 4],
] as const;

export const DEEP_AGE_VGG19 = network(
  {
    name: 'deep-age-vgg19',
    title: 'VGG-19 (Deep Age)',
    smallest: 32,
    build(l, images) {
      let x = images;
      for (const [group, [width, length]] of VGG_GROUPS.entries()) {
        for (let place = 1; place <= length; place++) {
          x = conv(l, x, `block${group + 1}_conv${place}`, width, 3, { pad: 'same' });
        }
        x = l.maxPool(x, 2);
      }
      return l.relu(l.dense(l.relu(l.dense(l.flatten(x), 'fc1', 4096)), 'fc2', 4096));
    },
  },
  256,
);

const BACKBONE = 'backbone';

/** Keras' layers of a ResNet-50 v2 in the scope of a network that has more than it. */
export const RESNET50_V2_BACKBONE = {
  terms: RESNET50_V2.keras!.terms,
  layers: Object.fromEntries(
    Object.entries(RESNET50_V2.keras!.layers)
      .filter(([scope]) => scope !== RESNET50_V2.classifier)
      .map(([scope, layer]) => [`${BACKBONE}.${scope}`, layer]),
  ),
};

/** Global average pooling and a dense layer of 512, trained whole from ImageNet's weights. */
export const DEEP_AGE_RESNET50_V2: Network = {
  name: 'deep-age-resnet50v2',
  title: 'ResNet-50 v2 (Deep Age)',
  source: SOURCE,
  input: unitInput(256),
  classifier: 'classifier',
  headInitial: glorotUniform,
  backbone: BACKBONE,
  build(l, images) {
    const maps = l.scope(BACKBONE, () => resNet50V2Maps(l, images));
    return l.relu(l.dense(l.globalPool(maps), 'hidden', 512));
  },
  keras: RESNET50_V2_BACKBONE,
};
