/** One training step of a network that is timed. */
import { type TrainingStep, trainingStep } from '../../src/autodiff/index.js';
import { GraphBuilder, type Model, type Value } from '../../src/onnx/index.js';
import type { BenchNetwork } from './networks.js';
import { seededRandom } from './random.js';

/** The graph of a network and its loss, and what of it is trained. */
export interface Trainable {
  /** Inputs images and target; output loss. */
  readonly model: Model;
  /** Names of the weights, in the order in which the network makes them. */
  readonly parameters: readonly string[];
  readonly images: readonly number[];
  readonly target: readonly number[];
}

export interface TrainableOptions {
  readonly batch?: number;
  readonly size?: number;
  readonly classes?: number;
}

/** Ages 0..100. */
export const CLASSES = 101;
/** Small, so that rounding is not what the losses of the next steps show. */
export const RATE = 0.0001;
const MOMENTUM = 0.9;

const product = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Uniform values of the deviation that keeps the signal's size through ReLUs (He et al. 2015). */
function heUniform(dims: readonly number[], seed: number): Float32Array {
  const random = seededRandom(seed);
  // A matrix is [in, out], a convolution's weights are [out, in, height, width].
  const inputs = dims.length === 2 ? dims[0]! : product(dims.slice(1));
  const bound = Math.sqrt(6 / inputs);
  return Float32Array.from({ length: product(dims) }, () => (2 * random() - 1) * bound);
}

/** A batch of noise in -1..1, and one class for each image as ones and zeros. */
export function noiseBatch({ images, target }: Pick<Trainable, 'images' | 'target'>): {
  images: Float32Array;
  target: Float32Array;
} {
  const random = seededRandom(1);
  const [count, classes] = target as [number, number];
  const pixels = Float32Array.from({ length: product(images) }, () => 2 * random() - 1);
  const hot = new Float32Array(count * classes);
  for (let i = 0; i < count; i++) hot[i * classes + Math.floor(random() * classes)] = 1;
  return { images: pixels, target: hot };
}

/** A network under cross-entropy against class weights, the mean over the batch. */
export function trainable(network: BenchNetwork, options: TrainableOptions = {}): Trainable {
  const { batch = network.batch, size = network.size, classes = CLASSES } = options;
  const g = new GraphBuilder({ name: network.name });
  const images = g.input('images', 'float32', [batch, 3, size, size]);
  const target = g.input('target', 'float32', [batch, classes]);
  const parameters: string[] = [];
  const filled = (name: string, count: number, value: number) =>
    g.parameter(name, 'float32', [count], new Float32Array(count).fill(value));
  const trained = (value: Value): Value => {
    parameters.push(value.name);
    return value;
  };
  const weight = (name: string, dims: readonly number[]) =>
    trained(g.parameter(name, 'float32', dims, heUniform(dims, parameters.length + 1)));
  let layer = 0;
  const logits = network.build(
    {
      g,
      conv(x, count, kernel, { stride = 1, depthwise = false } = {}) {
        const channels = x.size(1);
        const w = weight(`conv${layer++}`, [count, depthwise ? 1 : channels, kernel, kernel]);
        const pad = (kernel - 1) / 2;
        return g.op('Conv', [x, w], {
          strides: [stride, stride],
          pads: [pad, pad, pad, pad],
          group: depthwise ? channels : 1,
        });
      },
      norm(x) {
        const channels = x.size(1);
        const name = `norm${layer++}`;
        const scale = trained(filled(`${name}.scale`, channels, 1));
        const bias = trained(filled(`${name}.bias`, channels, 0));
        const statistics = [filled(`${name}.mean`, channels, 0), filled(`${name}.variance`, channels, 1)];
        return g.ops('BatchNormalization', 3, [x, scale, bias, ...statistics], { training_mode: 1 })[0];
      },
      dense(x, count) {
        const w = weight('dense.weight', [x.size(1), count]);
        return g.op('Gemm', [x, w, trained(filled('dense.bias', count, 0))]);
      },
    },
    images,
    classes,
  );
  const likelihood = g.op('Mul', [g.op('LogSoftmax', [logits]), target]);
  const sum = g.op('ReduceSum', [likelihood], { keepdims: 0 });
  g.output(g.op('Mul', [sum, g.scalar(-1 / batch)]), 'loss');
  return { model: g.build(), parameters, images: [batch, 3, size, size], target: [batch, classes] };
}

/** Forward, backward and SGD with momentum. */
export const sgdStep = ({ model, parameters }: Trainable): TrainingStep =>
  trainingStep(model, {
    loss: 'loss',
    groups: [{ parameters }],
    optimizer: { kind: 'sgd', momentum: MOMENTUM },
  });
