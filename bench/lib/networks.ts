/** Networks whose training is timed. */
import { type ConvOptions, Layers, networkOf, type Pair, wideResNetMaps } from '../../src/networks/index.js';
import type { Value } from '../../src/onnx/index.js';
import { UsageError } from './report.js';

export interface BenchNetwork {
  readonly name: string;
  /** Pixels. */
  readonly size: number;
  readonly batch: number;
  /** Images `[N, 3, size, size]` to features `[N, F]`. */
  readonly build: (layers: Layers, images: Value) => Value;
}

/**
 * Layers as PyTorch's are: what Keras pads by TensorFlow's rule is padded alike on all sides, batch norm has PyTorch's
 * settings, and nothing is dropped, so that losses can be compared.
 */
export class TorchLayers extends Layers {
  override conv(x: Value, name: string, outputs: number, kernel: Pair, options: ConvOptions = {}): Value {
    const { pad = 'half', ...others } = options;
    return super.conv(x, name, outputs, kernel, { ...others, pad: pad === 'same' ? 'half' : pad });
  }

  override norm(x: Value, name: string): Value {
    return super.norm(x, name);
  }

  override dropout(x: Value): Value {
    return x;
  }
}

/** A network of ours that ends with one list of features. */
const named =
  (name: string): BenchNetwork['build'] =>
  (l, images) =>
    networkOf(name).build(l, images) as Value;

export const resnet18: BenchNetwork = { name: 'ResNet-18', size: 112, batch: 32, build: named('resnet18') };

export const NETWORKS: readonly BenchNetwork[] = [
  resnet18,
  { name: 'MobileNet-v1', size: 160, batch: 32, build: named('mobilenet') },
  {
    name: 'WRN-16-8',
    size: 64,
    batch: 16,
    // With the mean of each map, as its authors end it: more would be the head's time.
    build: (l, images) => l.globalPool(wideResNetMaps(l, images, { depth: 16, widening: 8 })),
  },
  { name: 'ResNet-50', size: 224, batch: 8, build: named('resnet50') },
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
