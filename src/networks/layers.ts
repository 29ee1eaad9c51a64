/** The layers of networks: operators with parameters, named as in published weights. */
import { float32, type GraphBuilder, tensor, type Value } from '../onnx/index.js';
import type { Initial, WeightSource } from './weights.js';

export type Pair = number | readonly [height: number, width: number];

/**
 * `half`: kernel / 2 on every side, as PyTorch's networks pad; `same`: as in TensorFlow: the output has ⌈size / stride⌉
 * pixels, with an odd padding pixel at the right and bottom; `valid`: none; or top, left, bottom, right.
 */
export type Padding =
  | 'half'
  | 'same'
  | 'valid'
  | readonly [top: number, left: number, bottom: number, right: number];

export interface WindowOptions {
  /** 1 if left out for convolutions, the kernel's size for pooling. */
  readonly stride?: Pair;
  /** `half` if left out for convolutions, `valid` for pooling. */
  readonly pad?: Padding;
}

export interface ConvOptions extends WindowOptions {
  readonly dilation?: Pair;
  readonly groups?: number;
  /** False if left out: batch norm follows in most networks. */
  readonly bias?: boolean;
  readonly initial?: Initial;
  /** Of all biases, if there are any; 0 if left out. */
  readonly initialBias?: number;
}

export interface NormOptions {
  /** Added to the variance; 1e-5 if left out, as in PyTorch. */
  readonly epsilon?: number;
  /** The share of the running statistics that is kept at a step; 0.9 if left out. */
  readonly momentum?: number;
  /** Whether there is a scale; true if left out. */
  readonly scale?: boolean;
  /** Whether there is a bias; true if left out. */
  readonly bias?: boolean;
}

export interface DenseOptions {
  /** True if left out. */
  readonly bias?: boolean;
  readonly initial?: Initial;
  /** Of all biases, if there are any; 0 if left out. */
  readonly initialBias?: number;
}

const ZERO: Initial = { kind: 'constant', value: 0 };
const ONE: Initial = { kind: 'constant', value: 1 };
const constant = (value = 0): Initial => ({ kind: 'constant', value });

/** He et al., ICCV 2015, equation 10: the deviation that keeps a signal's size through ReLUs. */
export const heNormal = (inputs: number): Initial => ({ kind: 'normal', deviation: Math.sqrt(2 / inputs) });

/** Glorot and Bengio, AISTATS 2010, equation 16, which Keras has as its default. */
export const glorotUniform = (inputs: number, outputs: number): Initial => ({
  kind: 'uniform',
  bound: Math.sqrt(6 / (inputs + outputs)),
});

/** Keras' `he_normal`: He et al., truncated at two deviations. */
export const heTruncated = (inputs: number): Initial => ({
  kind: 'truncated',
  deviation: Math.sqrt(2 / inputs),
});

/**
 * Writes layers into a graph in training form; `evaluationGraph` makes the evaluation form of it.
 *
 * @example
 * const g = new GraphBuilder({ name: 'small' });
 * const layers = new Layers(g, randomWeights(1));
 * const images = g.input('images', 'float32', ['N', 3, 64, 64]);
 * const maps = layers.relu(layers.norm(layers.conv(images, 'conv', 16, 3, { stride: 2 }), 'norm'));
 * maps.shape;       // [ 'N', 16, 32, 32 ]
 * layers.trainable; // [ 'conv.weight', 'norm.weight', 'norm.bias' ]
 */
export class Layers {
  /** The full names of the trainable parameters, in order of creation. */
  readonly trainable: string[] = [];

  constructor(
    readonly g: GraphBuilder,
    private readonly weights: WeightSource,
  ) {}

  /** Puts `name.` before the names of all parameters that `build` makes. */
  scope<T>(name: string, build: () => T): T {
    return this.g.scope(name, build);
  }

  /** A parameter by its name in the present scope. */
  parameter(name: string, dims: readonly number[], initial: Initial): Value {
    this.trainable.push(this.g.fullName(name));
    return this.constant(name, dims, initial);
  }

  /** A non-trainable value by its name in the present scope, such as running statistics. */
  constant(name: string, dims: readonly number[], initial: Initial): Value {
    return this.g.parameter(name, 'float32', dims, this.weights(this.g.fullName(name), dims, initial));
  }

  /** `[N, C, H, W]` to `[N, outputs, H', W']`; parameters `name.weight` `[outputs, C / groups, h, w]` and `name.bias`. */
  conv(x: Value, name: string, outputs: number, kernel: Pair, options: ConvOptions = {}): Value {
    const { dilation = 1, groups = 1, bias = false, stride = 1, pad = 'half' } = options;
    const [h, w] = pair(kernel);
    const inputs = x.size(1) / groups;
    return this.scope(name, () => {
      const weight = this.parameter(
        'weight',
        [outputs, inputs, h, w],
        options.initial ?? heNormal(inputs * h * w),
      );
      const shift = bias ? this.parameter('bias', [outputs], constant(options.initialBias)) : undefined;
      return this.g.op('Conv', [x, weight, shift], {
        strides: [...pair(stride)],
        pads: pads(x, [h, w], pair(stride), pair(dilation), pad),
        dilations: [...pair(dilation)],
        group: groups,
      });
    });
  }

  /** A depthwise convolution. */
  depthwise(x: Value, name: string, kernel: Pair, options: Omit<ConvOptions, 'groups'> = {}): Value {
    return this.conv(x, name, x.size(1), kernel, { ...options, groups: x.size(1) });
  }

  /** Batch norm; parameters `name.weight`, `name.bias`, `name.running_mean` and `name.running_var`, each `[C]`. */
  norm(
    x: Value,
    name: string,
    { epsilon = 1e-5, momentum = 0.9, scale = true, bias = true }: NormOptions = {},
  ): Value {
    const dims = [x.size(1)];
    const fixed = (value: number) =>
      this.g.constant(float32('', dims, new Float32Array(dims[0]!).fill(value)));
    return this.scope(name, () => {
      const inputs = [
        scale ? this.parameter('weight', dims, ONE) : fixed(1),
        bias ? this.parameter('bias', dims, ZERO) : fixed(0),
        this.constant('running_mean', dims, ZERO),
        this.constant('running_var', dims, ONE),
      ];
      const attributes = { epsilon, momentum, training_mode: 1 };
      return this.g.ops('BatchNormalization', 3, [x, ...inputs], attributes)[0];
    });
  }

  /** `[N, F]` to `[N, outputs]`; parameters `name.weight` `[F, outputs]` and `name.bias`. */
  dense(
    x: Value,
    name: string,
    outputs: number,
    { bias = true, initial, initialBias }: DenseOptions = {},
  ): Value {
    const inputs = x.size(1);
    return this.scope(name, () => {
      const weight = this.parameter('weight', [inputs, outputs], initial ?? glorotUniform(inputs, outputs));
      if (!bias) return this.g.op('MatMul', [x, weight]);
      return this.g.op('Gemm', [x, weight, this.parameter('bias', [outputs], constant(initialBias))]);
    });
  }

  relu(x: Value): Value {
    return this.g.op('Relu', [x]);
  }

  /** min(max(x, 0), 6) (Howard et al. 2017). */
  relu6(x: Value): Value {
    return this.g.op('Clip', [x, this.g.scalar(0), this.g.scalar(6)]);
  }

  maxPool(x: Value, kernel: Pair, options: WindowOptions = {}): Value {
    return this.g.op('MaxPool', [x], this.window(x, kernel, options));
  }

  /** Average pooling; padding is not counted unless `countPadding`. */
  averagePool(
    x: Value,
    kernel: Pair,
    { countPadding = false, ...options }: WindowOptions & { readonly countPadding?: boolean } = {},
  ): Value {
    const window = this.window(x, kernel, options);
    return this.g.op('AveragePool', [x], { ...window, count_include_pad: Number(countPadding) });
  }

  /** `[N, C, H, W]` to the mean of each map, `[N, C]`. */
  globalPool(x: Value): Value {
    return this.flatten(this.g.op('GlobalAveragePool', [x]));
  }

  /** `[N, …]` to `[N, F]`. */
  flatten(x: Value): Value {
    return this.g.op('Flatten', [x]);
  }

  /** In training, sets values to 0 with this probability and scales the others up accordingly. */
  dropout(x: Value, probability: number): Value {
    const training = this.g.constant(tensor('', 'bool', [], [1]));
    return this.g.op('Dropout', [x, this.g.scalar(probability), training]);
  }

  private window(x: Value, kernel: Pair, { stride = kernel, pad = 'valid' }: WindowOptions) {
    const size = pair(kernel);
    return {
      kernel_shape: [...size],
      strides: [...pair(stride)],
      pads: pads(x, size, pair(stride), [1, 1], pad),
    };
  }
}

const pair = (value: Pair): readonly [number, number] => (typeof value === 'number' ? [value, value] : value);

/** Padding in ONNX's order: top, left, bottom, right. */
function pads(
  x: Value,
  kernel: readonly [number, number],
  stride: readonly [number, number],
  dilation: readonly [number, number],
  pad: Padding,
): number[] {
  if (pad === 'valid') return [0, 0, 0, 0];
  if (typeof pad !== 'string') return [...pad];
  const sides = ([0, 1] as const).map((axis) => {
    const reach = (kernel[axis] - 1) * dilation[axis];
    if (pad === 'half') return [Math.ceil(reach / 2), Math.ceil(reach / 2)];
    const size = x.size(axis + 2);
    const missing = Math.max(0, (Math.ceil(size / stride[axis]) - 1) * stride[axis] + reach + 1 - size);
    return [Math.floor(missing / 2), Math.ceil(missing / 2)];
  });
  return [sides[0]![0]!, sides[1]![0]!, sides[0]![1]!, sides[1]![1]!];
}
