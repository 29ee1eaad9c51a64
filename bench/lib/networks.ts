/** Networks whose training is timed, as functions over the builder. */
import type { GraphBuilder, Value } from '../../src/onnx/index.js';
import { UsageError } from './report.js';

/** What a network is made of: the caller decides what weights are. */
export interface Layers {
  readonly g: GraphBuilder;
  /** A convolution without bias, padded to keep the size at stride 1; `group` 0 means one for each channel. */
  conv(x: Value, outputs: number, kernel: number, options?: { stride?: number; depthwise?: boolean }): Value;
  norm(x: Value): Value;
  /** `[N, features]` to `[N, classes]`, with a bias. */
  dense(x: Value, classes: number): Value;
}

export interface BenchNetwork {
  readonly name: string;
  /** Pixels. */
  readonly size: number;
  readonly batch: number;
  /** Images `[N, 3, size, size]` to logits `[N, classes]`. */
  readonly build: (layers: Layers, images: Value, classes: number) => Value;
}

const relu = (l: Layers, x: Value): Value => l.g.op('Relu', [x]);

const head = (l: Layers, x: Value, classes: number): Value =>
  l.dense(l.g.op('Flatten', [l.g.op('GlobalAveragePool', [x])]), classes);

const convNorm = (l: Layers, x: Value, outputs: number, kernel: number, stride = 1): Value =>
  l.norm(l.conv(x, outputs, kernel, { stride }));

const stem = (l: Layers, x: Value): Value =>
  l.g.op('MaxPool', [relu(l, convNorm(l, x, 64, 7, 2))], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  });

/** He et al. 2016: https://arxiv.org/abs/1512.03385, 18 layers. */
export const resnet18: BenchNetwork = {
  name: 'ResNet-18',
  size: 112,
  batch: 32,
  build(l, images, classes) {
    let x = stem(l, images);
    for (const [stage, width] of [64, 128, 256, 512].entries()) {
      for (let block = 0; block < 2; block++) {
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const inner = relu(l, convNorm(l, x, width, 3, stride));
        const main = convNorm(l, inner, width, 3);
        const shortcut = stride === 1 ? x : convNorm(l, x, width, 1, stride);
        x = relu(l, l.g.op('Add', [main, shortcut]));
      }
    }
    return head(l, x, classes);
  },
};

/** The same paper's of 50 layers, its stride in the 3×3 convolutions as in torchvision. */
export const resnet50: BenchNetwork = {
  name: 'ResNet-50',
  size: 224,
  batch: 8,
  build(l, images, classes) {
    let x = stem(l, images);
    for (const [stage, [width, blocks]] of (
      [
        [64, 3],
        [128, 4],
        [256, 6],
        [512, 3],
      ] as const
    ).entries()) {
      for (let block = 0; block < blocks; block++) {
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const narrow = relu(l, convNorm(l, x, width, 1));
        const inner = relu(l, convNorm(l, narrow, width, 3, stride));
        const main = convNorm(l, inner, 4 * width, 1);
        const shortcut = block > 0 ? x : convNorm(l, x, 4 * width, 1, stride);
        x = relu(l, l.g.op('Add', [main, shortcut]));
      }
    }
    return head(l, x, classes);
  },
};

/** Howard et al. 2017: https://arxiv.org/abs/1704.04861, width 1. */
export const mobilenetV1: BenchNetwork = {
  name: 'MobileNet-v1',
  size: 160,
  batch: 32,
  build(l, images, classes) {
    let x = relu(l, convNorm(l, images, 32, 3, 2));
    let width = 32;
    const layers: [outputs: number, stride: number][] = [
      [64, 1],
      [128, 2],
      [128, 1],
      [256, 2],
      [256, 1],
      [512, 2],
      ...Array.from({ length: 5 }, (): [number, number] => [512, 1]),
      [1024, 2],
      [1024, 1],
    ];
    for (const [outputs, stride] of layers) {
      x = relu(l, l.norm(l.conv(x, width, 3, { stride, depthwise: true })));
      x = relu(l, convNorm(l, x, outputs, 1));
      width = outputs;
    }
    return head(l, x, classes);
  },
};

/** Zagoruyko and Komodakis 2016: https://arxiv.org/abs/1605.07146, 16 layers, width 8, pre-activation. */
export const wrn16x8: BenchNetwork = {
  name: 'WRN-16-8',
  size: 64,
  batch: 16,
  build(l, images, classes) {
    let x = l.conv(images, 16, 3);
    for (const [stage, width] of [128, 256, 512].entries()) {
      for (let block = 0; block < 2; block++) {
        const stride = stage > 0 && block === 0 ? 2 : 1;
        const ready = relu(l, l.norm(x));
        const inner = relu(l, l.norm(l.conv(ready, width, 3, { stride })));
        const shortcut = block > 0 ? x : l.conv(ready, width, 1, { stride });
        x = l.g.op('Add', [l.conv(inner, width, 3), shortcut]);
      }
    }
    return head(l, relu(l, l.norm(x)), classes);
  },
};

export const NETWORKS: readonly BenchNetwork[] = [resnet18, mobilenetV1, wrn16x8, resnet50];

/** @throws UsageError that lists the names there are. */
export function benchNetwork(name: string): BenchNetwork {
  const found = NETWORKS.find((network) => network.name === name);
  if (found === undefined) {
    throw new UsageError(
      `network: expected one of ${NETWORKS.map((one) => one.name).join(', ')}, found '${name}'`,
    );
  }
  return found;
}
