/** Affine maps of each channel, which other operators can take up. */
import { floatAttribute, intAttribute } from '../attributes.js';
import type { Node } from '../graph.js';
import { float32Values } from '../tensor.js';
import type { constantResolver } from './constants.js';

type Resolve = ReturnType<typeof constantResolver>;

/** y[c] = scale[c] · x[c] + shift[c] */
export interface Affine {
  readonly input: string;
  readonly scale: ArrayLike<number>;
  readonly shift: ArrayLike<number>;
}

/** Ioffe and Szegedy 2015: y = γ (x − μ) / √(σ² + ε) + β. Undefined for the training form. */
export function affineOfBatchNorm(node: Node, channels: number, resolve: Resolve): Affine | undefined {
  const alone = node.outputs.slice(1).every((name) => name === '');
  if (!alone || intAttribute(node, 'training_mode', 0) !== 0 || intAttribute(node, 'spatial', 1) !== 1) {
    return undefined;
  }
  const constants = [1, 2, 3, 4].map((i) => resolve(node.inputs[i]));
  if (constants.some((t) => t?.dtype !== 'float32' || t.dims.length !== 1 || t.dims[0] !== channels)) {
    return undefined;
  }
  const [gamma, beta, mean, variance] = constants.map((t) => float32Values(t!)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const epsilon = floatAttribute(node, 'epsilon', 1e-5);
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c]! + epsilon));
  const shift = Float64Array.from(beta, (b, c) => b - mean[c]! * scale[c]!);
  return { input: node.inputs[0]!, scale, shift };
}
