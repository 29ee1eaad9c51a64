/** One training step of a network as a graph, with the state that it carries. */
import { gradients } from '../../src/autodiff/index.js';
import { GraphBuilder, type Model, type Value } from '../../src/onnx/index.js';
import type { BenchNetwork } from './networks.js';
import { seededRandom } from './random.js';

/** A part of the state: its input's name, its output's, and the values that it begins with, in ONNX's order. */
export interface StatePart {
  readonly input: string;
  readonly output: string;
  readonly dims: readonly number[];
  readonly values: Float32Array;
  /** Whether it is a weight, which a gradient moves. */
  readonly trained: boolean;
}

export interface TrainingStep {
  /** Inputs images, target and the state; outputs loss and the new state. */
  readonly model: Model;
  readonly state: readonly StatePart[];
  readonly images: readonly number[];
  readonly target: readonly number[];
}

export interface StepOptions {
  readonly batch?: number;
  readonly size?: number;
  readonly classes?: number;
  /** Also outputs of every weight's gradient, `gradient.NAME`. */
  readonly showGradients?: boolean;
}

/** Ages 0..100. */
export const CLASSES = 101;
/** Small, so that rounding is not what the losses of the next steps show. */
const RATE = 0.0001;
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
export function noiseBatch({ images, target }: Pick<TrainingStep, 'images' | 'target'>): {
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

/** Forward, cross-entropy against class weights, backward, and SGD with momentum: v = 0.9·v + dw, w = w − rate·v. */
export function sgdStep(network: BenchNetwork, options: StepOptions = {}): TrainingStep {
  const { batch = network.batch, size = network.size, classes = CLASSES } = options;
  const g = new GraphBuilder({ name: network.name });
  const images = g.input('images', 'float32', [batch, 3, size, size]);
  const target = g.input('target', 'float32', [batch, classes]);
  const state: StatePart[] = [];
  const outputs = new Map<string, Value>();
  const weights: Value[] = [];
  const carry = (name: string, dims: readonly number[], values: Float32Array, trained = false): Value => {
    state.push({ input: name, output: `next.${name}`, dims, values, trained });
    return g.input(name, 'float32', dims);
  };
  const weight = (name: string, dims: readonly number[], values = heUniform(dims, weights.length + 1)) => {
    const value = carry(name, dims, values, true);
    weights.push(value);
    return value;
  };
  const filled = (count: number, value: number) => new Float32Array(count).fill(value);
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
        const scale = weight(`${name}.scale`, [channels], filled(channels, 1));
        const bias = weight(`${name}.bias`, [channels], filled(channels, 0));
        const mean = carry(`${name}.mean`, [channels], filled(channels, 0));
        const variance = carry(`${name}.variance`, [channels], filled(channels, 1));
        const [y, nextMean, nextVariance] = g.ops('BatchNormalization', 3, [x, scale, bias, mean, variance], {
          training_mode: 1,
        });
        outputs.set(mean.name, nextMean).set(variance.name, nextVariance);
        return y;
      },
      dense(x, count) {
        const w = weight('dense.weight', [x.size(1), count]);
        const bias = weight('dense.bias', [count], filled(count, 0));
        return g.op('Gemm', [x, w, bias]);
      },
    },
    images,
    classes,
  );
  const likelihood = g.op('Mul', [g.op('LogSoftmax', [logits]), target]);
  const loss = g.op('Mul', [g.op('ReduceSum', [likelihood], { keepdims: 0 }), g.scalar(-1 / batch)]);
  g.output(loss, 'loss');
  gradients(g, loss, weights).forEach((gradient, i) => {
    const w = weights[i]!;
    const dims = w.shape as number[];
    const velocity = carry(`${w.name}.velocity`, dims, filled(product(dims), 0));
    const moved = g.op('Add', [g.op('Mul', [velocity, g.scalar(MOMENTUM)]), gradient]);
    outputs.set(velocity.name, moved);
    outputs.set(w.name, g.op('Sub', [w, g.op('Mul', [moved, g.scalar(RATE)])]));
    if (options.showGradients) g.output(g.op('Identity', [gradient]), `gradient.${w.name}`);
  });
  for (const { input, output } of state) g.output(outputs.get(input)!, output);
  return { model: g.build(), state, images: [batch, 3, size, size], target: [batch, classes] };
}
