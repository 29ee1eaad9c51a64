/** Networks whose training is timed. */
import { type ConvOptions, Layers, networkOf, type Pair, wideResNetMaps } from '../../src/networks/index.js';
import type { Value } from '../../src/onnx/index.js';
import { UsageError } from './report.js';

export interface BenchNetwork {
  readonly name: string;
  /** Pixels. */
  readonly size: number;
  readonly batch: number;
  /** Of the steps; small, so that rounding is not what the losses of the next ones show. */
  readonly rate: number;
  /** The scope of the layer that makes logits, as PyTorch's network has it. */
  readonly classifier: string;
  /** Images `[N, 3, size, size]` to features `[N, F]`. */
  readonly build: (layers: Layers, images: Value) => Value;
}

/**
 * Layers as PyTorch's are: what Keras pads by TensorFlow's rule is padded alike on all sides, and nothing is dropped, so
 * that losses can be compared.
 */
export class TorchLayers extends Layers {
  override conv(x: Value, name: string, outputs: number, kernel: Pair, options: ConvOptions = {}): Value {
    const { pad = 'half', ...others } = options;
    return super.conv(x, name, outputs, kernel, { ...others, pad: pad === 'same' ? 'half' : pad });
  }

  override dropout(x: Value): Value {
    return x;
  }
}

const RATE = 1e-4;

/** A network of ours that ends with one list of features. */
function named(title: string, name: string, size: number, batch: number, rate = RATE): BenchNetwork {
  const { classifier, build } = networkOf(name);
  return { name: title, size, batch, rate, classifier, build: (l, images) => build(l, images) as Value };
}

export const resnet18 = named('ResNet-18', 'resnet18', 112, 32);

/** All of them torchvision or this benchmark's PyTorch script has too, at sizes that take up to a second or so for a step. */
export const NETWORKS: readonly BenchNetwork[] = [
  resnet18,
  named('MobileNet-v1', 'mobilenet', 160, 32),
  {
    ...named('WRN-16-8', 'wrn-16-8', 64, 16),
    // With the mean of each map, as its authors end it: more would be the head's time.
    build: (l, images) => l.globalPool(wideResNetMaps(l, images, { depth: 16, widening: 8 })),
  },
  named('ResNet-50', 'resnet50', 224, 8),
  named('VGG-16', 'vgg16', 112, 8),
  named('AlexNet', 'alexnet', 224, 16),
  // PyTorch's first loss is 4.5e-5 off that of double precision already, ours 1e-6; at 1e-4 that grows to 7e-3 in
  // two steps.
  named('Inception-v3', 'inception-v3', 160, 16, 1e-6),
  named('MobileNet-v2', 'mobilenet-v2', 160, 16),
  named('MobileNet-v3-large', 'mobilenet-v3-large', 160, 16),
  named('EfficientNet-B0', 'efficientnet-b0', 160, 16),
  named('ResNet-34', 'resnet34', 112, 16),
];

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
