/** One training step of a network that is timed. */
import { type TrainingStep, trainingStep } from '../../src/autodiff/index.js';
import { classificationHead, type Layers } from '../../src/networks/index.js';
import { GraphBuilder, type Model } from '../../src/onnx/index.js';
import { type BenchNetwork, TorchLayers } from './networks.js';
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
  const l: Layers = new TorchLayers(g, (_name, dims, initial) =>
    initial.kind === 'constant'
      ? new Float32Array(product(dims)).fill(initial.value)
      : heUniform(dims, l.trainable.length),
  );
  const logits = classificationHead(l, network.build(l, images), classes, {
    name: network.classifier,
  });
  const likelihood = g.op('Mul', [g.op('LogSoftmax', [logits]), target]);
  const sum = g.op('ReduceSum', [likelihood], { keepdims: 0 });
  g.output(g.op('Mul', [sum, g.scalar(-1 / batch)]), 'loss');
  return {
    model: g.build(),
    parameters: l.trainable,
    images: [batch, 3, size, size],
    target: [batch, classes],
  };
}

/** Forward, backward and SGD with momentum. */
export const sgdStep = ({ model, parameters }: Trainable): TrainingStep =>
  trainingStep(model, {
    loss: 'loss',
    groups: [{ parameters }],
    optimizer: { kind: 'sgd', momentum: MOMENTUM },
  });
