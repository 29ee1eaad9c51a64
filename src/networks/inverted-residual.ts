/** Building blocks of mobile networks, with torchvision's names. */
import type { Value } from '../onnx/index.js';
import type { Activation } from './activations.js';
import type { ConvOptions, Layers, NormOptions, Pair } from './layers.js';

export interface ConvNormOptions extends Pick<ConvOptions, 'stride' | 'groups'> {
  readonly norm?: NormOptions;
  /** None if left out. */
  readonly activation?: Activation | undefined;
}

/** A convolution `name.0`, batch norm `name.1`, and the activation. */
export function convNorm(
  l: Layers,
  x: Value,
  name: string,
  outputs: number,
  kernel: Pair,
  { norm, activation, ...options }: ConvNormOptions,
): Value {
  return l.scope(name, () => {
    const made = l.norm(l.conv(x, '0', outputs, kernel, options), '1', norm);
    return activation ? activation(l, made) : made;
  });
}

export interface Squeeze {
  readonly channels: number;
  /** Between the two layers. */
  readonly activation: Activation;
  /** Turns the second layer's outputs into factors. */
  readonly gate: Activation;
}

/** Squeeze and excitation (Hu et al., CVPR 2018): each channel times a factor computed from all channel means. */
function excited(l: Layers, x: Value, name: string, { channels, activation, gate }: Squeeze): Value {
  return l.scope(name, () => {
    const means = l.g.op('GlobalAveragePool', [x]);
    const squeezed = activation(l, l.conv(means, 'fc1', channels, 1, { bias: true }));
    return l.g.op('Mul', [x, gate(l, l.conv(squeezed, 'fc2', x.size(1), 1, { bias: true }))]);
  });
}

export interface InvertedResidual {
  readonly kernel: number;
  readonly expanded: number;
  readonly outputs: number;
  readonly stride: number;
  readonly activation: Activation;
  readonly squeeze?: Squeeze | undefined;
  readonly norm?: NormOptions;
}

/**
 * A 1×1 convolution that expands the channels, a depthwise convolution, squeeze and excitation, and a 1×1 projection;
 * added to the input if shapes allow. Layers are `block.0`, `block.1` and so on; an expansion that would not change the
 * number of channels is left out.
 */
export function invertedResidual(l: Layers, x: Value, settings: InvertedResidual): Value {
  const { kernel, expanded, outputs, stride, activation, squeeze, norm } = settings;
  const common = norm ? { norm } : {};
  let made = x;
  let layer = 0;
  const next = () => `block.${layer++}`;
  if (expanded !== x.size(1)) made = convNorm(l, made, next(), expanded, 1, { ...common, activation });
  made = convNorm(l, made, next(), expanded, kernel, { ...common, activation, stride, groups: expanded });
  if (squeeze) made = excited(l, made, next(), squeeze);
  made = convNorm(l, made, next(), outputs, 1, common);
  return stride === 1 && outputs === x.size(1) ? l.g.op('Add', [made, x]) : made;
}
