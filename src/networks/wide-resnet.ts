/**
 * Wide ResNets (Zagoruyko and Komodakis, BMVC 2016: https://arxiv.org/abs/1605.07146), with the heads for ages and
 * genders of https://github.com/yu4u/age-gender-estimation (wide_resnet.py): heads without bias that read the flattened
 * last maps.
 */
import type { Value } from '../onnx/index.js';
import { NetworkError } from './error.js';
import { type ConvOptions, heTruncated, type Layers } from './layers.js';
import type { Network } from './types.js';

export interface WideResNetShape {
  /** Counted in convolutions: 4 + 6·n, n blocks in each of the three groups. */
  readonly depth: number;
  /** The width factor of the groups' 16, 32 and 64 channels. */
  readonly widening: number;
}

/** Keras' defaults. */
const NORM = { epsilon: 1e-3, momentum: 0.99 };

const STEM_WIDTH = 16;
const SIDE = 64;
const POOL = 8;
/** The strides of the last two groups. */
const REDUCTION = 4;

interface Block {
  readonly scope: string;
  readonly width: number;
  readonly stride: number;
  /** Whether the shortcut has a 1×1 convolution: in the first block of a group, if the width grows. */
  readonly projected: boolean;
}

function blocksOf({ depth, widening }: WideResNetShape): Block[] {
  const length = (depth - 4) / 6;
  return [1, 2, 4].flatMap((factor, group) =>
    Array.from({ length }, (_, block) => ({
      scope: `block${group + 1}.${block}`,
      width: STEM_WIDTH * factor * widening,
      stride: group > 0 && block === 0 ? 2 : 1,
      // The stem is as wide as the first group at width factor 1.
      projected: block === 0 && (group > 0 || widening > 1),
    })),
  );
}

/** Images to the last maps after batch norm and ReLU, `[N, 64 · widening, ⌈H / 4⌉, ⌈W / 4⌉]`. */
export function wideResNetMaps(l: Layers, images: Value, shape: WideResNetShape): Value {
  const conv = (x: Value, name: string, outputs: number, kernel: number, options: ConvOptions = {}) =>
    l.conv(x, name, outputs, kernel, {
      ...options,
      pad: 'same',
      initial: heTruncated(kernel ** 2 * x.size(1)),
    });
  let x = conv(images, 'conv1', STEM_WIDTH, 3);
  for (const { scope, width, stride, projected } of blocksOf(shape)) {
    x = l.scope(scope, () => {
      const ready = l.relu(l.norm(x, 'bn1', NORM));
      const inner = l.relu(l.norm(conv(ready, 'conv1', width, 3, { stride }), 'bn2', NORM));
      const shortcut = projected ? conv(ready, 'shortcut', width, 1, { stride }) : x;
      return l.g.op('Add', [conv(inner, 'conv2', width, 3), shortcut]);
    });
  }
  return l.relu(l.norm(x, 'bn', NORM));
}

/** Keras numbers layers by kind in order of creation; heads have names. */
function kerasLayers(shape: WideResNetShape): Record<string, string> {
  const counts = { conv2d: 0, batch_normalization: 0 };
  const numbered = (kind: keyof typeof counts) => `${kind}_${++counts[kind]}`;
  const layers: Record<string, string> = { conv1: numbered('conv2d') };
  for (const { scope, projected } of blocksOf(shape)) {
    layers[`${scope}.bn1`] = numbered('batch_normalization');
    layers[`${scope}.conv1`] = numbered('conv2d');
    layers[`${scope}.bn2`] = numbered('batch_normalization');
    layers[`${scope}.conv2`] = numbered('conv2d');
    if (projected) layers[`${scope}.shortcut`] = numbered('conv2d');
  }
  return { ...layers, bn: numbered('batch_normalization'), age_head: 'pred_age', gender_head: 'pred_gender' };
}

/**
 * The network WRN-depth-widening.
 * @throws NetworkError if the depth is not 4 + 6·n with n ≥ 1, or the width factor is not a positive integer.
 */
export function wideResNet({ depth, widening }: WideResNetShape): Network {
  if (!(Number.isInteger((depth - 4) / 6) && depth >= 10 && Number.isInteger(widening) && widening >= 1)) {
    throw new NetworkError(
      `A wide ResNet has a depth of 10, 16, 22 and so on and a widening from 1 on, found ${depth} and ${widening}`,
    );
  }
  const shape = { depth, widening };
  const map = SIDE / REDUCTION;
  return {
    name: `wrn-${depth}-${widening}`,
    title: `WRN-${depth}-${widening}`,
    source: 'https://arxiv.org/abs/1605.07146',
    // OpenCV reads pictures as BGR, and they are not normalized: create_db.py and demo.py of the published code.
    input: { width: SIDE, height: SIDE, color: 'BGR', mean: [0, 0, 0], scale: [1, 1, 1] },
    headBias: false,
    headInitial: heTruncated,
    classifier: 'age_head',
    build(l, images) {
      const maps = wideResNetMaps(l, images, shape);
      return l.flatten(l.averagePool(maps, POOL, { stride: 1, pad: 'same' }));
    },
    keras: {
      terms:
        'Weights of age-gender-estimation (MIT licence), trained on IMDB-WIKI, which is for academic research alone.',
      layers: kerasLayers(shape),
      flattened: { classifier: [64 * widening, map, map] },
    },
  };
}

/** The wide ResNet with a name such as `wrn-28-10`; undefined for other names. @throws NetworkError as `wideResNet`. */
export function wideResNetNamed(name: string): Network | undefined {
  const [, depth, widening] = /^wrn-(\d+)-(\d+)$/.exec(name) ?? [];
  return depth === undefined ? undefined : wideResNet({ depth: Number(depth), widening: Number(widening) });
}

export const WRN_16_8: Network = {
  ...wideResNet({ depth: 16, widening: 8 }),
  published: {
    parameters: 24_463_856,
    statistics: true,
    heads: [101, 2],
    source: 'https://github.com/yu4u/age-gender-estimation, as Keras counts it',
  },
};
