/** Networks against TensorFlow.js' layers with the names of Keras: the same weights go in by `network.keras`. */
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { expect } from 'vitest';
import type { Network } from '../../src/networks/index.js';
import { elementCount } from '../../src/onnx/index.js';
import { logitsOf } from './forward.js';
import { namedValues, namedWeights } from './named-values.js';

/** Of the largest logit. */
const TOLERANCE = 1e-4;

export async function useWasm(): Promise<void> {
  setWasmPaths(`${path.resolve('node_modules/@tensorflow/tfjs-backend-wasm/dist')}/`);
  await tf.setBackend('wasm');
}

export type Symbolic = tf.SymbolicTensor;
export type Layer = ReturnType<typeof tf.layers.conv2d>;
export const through = (x: Symbolic, layer: { apply(x: Symbolic | Symbolic[]): unknown }): Symbolic =>
  layer.apply(x) as Symbolic;
/** Weights come later: random ones would take most of the time. */
export const untrained = { kernelInitializer: 'zeros' } as const;
export const convolution = (options: Parameters<typeof tf.layers.conv2d>[0]) =>
  tf.layers.conv2d({ ...untrained, ...options });
export interface Comparison {
  readonly network: Network;
  readonly side: number;
  /** Whether it is as wide as published. */
  readonly counted?: boolean;
  readonly trunk: (images: Symbolic) => Symbolic;
  /** Its layers after the trunk by the scopes of our heads. */
  readonly heads: Readonly<Record<string, { readonly outputs: number; readonly layer: Layer }>>;
}

/** Compares logits, within 1e-4 of the largest. */
export async function compareLogits({ network, side, trunk, heads, counted }: Comparison): Promise<void> {
  const images = tf.input({ shape: [side, side, 3] });
  const features = trunk(images);
  const ends = Object.values(heads).map(({ layer }) => through(features, layer));
  const model = tf.model({ inputs: images, outputs: ends });
  if (counted) expect(model.countParams()).toBe(network.published!.parameters);
  fill(model, network);
  const dims = [1, 3, side, side];
  const values = namedValues('images', elementCount(dims));
  const found = tf.tidy(() => {
    const outputs = model.predict(
      tf.tensor4d(values, dims as [1, 3, number, number]).transpose([0, 2, 3, 1]),
    );
    return [outputs].flat().map((logits) => logits.dataSync() as Float32Array);
  });
  model.dispose();
  const counts = Object.fromEntries(Object.entries(heads).map(([name, { outputs }]) => [name, outputs]));
  const ours = await logitsOf(network, { dims, values }, counts, namedWeights);
  for (const [i, name] of Object.keys(heads).entries()) {
    const logits = [...found[i]!];
    const mine = ours.get(name)!;
    expect(mine).toHaveLength(logits.length);
    const largest = Math.max(...logits.map(Math.abs));
    const difference = Math.max(...logits.map((value, k) => Math.abs(value - mine[k]!)));
    expect(difference / largest, name).toBeLessThan(TOLERANCE);
  }
}

/** A kernel as Keras has it, of ours called `scope.weight`: `[out, in, h, w]` to `[h, w, in, out]`. */
function kernel(network: Network, scope: string, [h, w, inputs, outputs]: number[]): tf.Tensor {
  const name = `${scope}.weight`;
  if (inputs === undefined || outputs === undefined) {
    return dense(network, name, scope, [h!, w!]);
  }
  const maps = network.keras!.flattened?.[scope];
  if (maps || scope === network.classifier) {
    return dense(network, name, scope, [h! * w! * inputs, outputs]).reshape([h!, w!, inputs, outputs]);
  }
  const dims = [outputs, inputs, h!, w!];
  return tf.tidy(() => tf.tensor(namedWeights(name, dims), dims).transpose([2, 3, 1, 0]));
}

/** The kernel of a convolution of each channel by itself: `[C, 1, h, w]` to `[h, w, C, 1]`. */
function depthwise(scope: string, [h, w, channels]: number[]): tf.Tensor {
  const dims = [channels!, 1, h!, w!];
  return tf.tidy(() => tf.tensor(namedWeights(`${scope}.weight`, dims), dims).transpose([2, 3, 0, 1]));
}

/** A dense layer's weights; those that read flattened maps have them by pixels there and by channels here. */
function dense(network: Network, name: string, scope: string, dims: [number, number]): tf.Tensor {
  const values = namedWeights(name, dims);
  const { flattened = {} } = network.keras!;
  const maps = flattened[scope] ?? (scope.endsWith('_head') ? flattened.classifier : undefined);
  if (maps === undefined) return tf.tensor(values, dims);
  return tf.tidy(() =>
    tf
      .tensor(values, [...maps, dims[1]])
      .transpose([1, 2, 0, 3])
      .reshape(dims),
  );
}

/** As Keras has them in order; the first is left out if batch norm has no scale. */
const NORM = ['weight', 'bias', 'running_mean', 'running_var'];

/** Fills the layers of a model that a network's layout names. */
export function fill(model: tf.LayersModel, network: Network): void {
  const scopes = new Map(Object.entries(network.keras!.layers).map(([scope, layer]) => [layer, scope]));
  for (const layer of model.layers) {
    if (layer.weights.length === 0) continue;
    const scope = scopes.get(layer.name);
    if (scope === undefined) throw new Error(`The layout of ${network.name} does not name ${layer.name}`);
    const vector = (name: string, { shape }: tf.Tensor) =>
      tf.tensor(namedWeights(`${scope}.${name}`, shape), shape);
    const [first, ...rest] = layer.getWeights();
    const values =
      layer.getClassName() === 'BatchNormalization'
        ? NORM.slice(rest.length === 3 ? 0 : 1).map((name) => vector(name, first!))
        : [
            layer.getClassName() === 'DepthwiseConv2D'
              ? depthwise(scope, first!.shape)
              : kernel(network, scope, first!.shape),
            ...rest.map((bias) => vector('bias', bias)),
          ];
    layer.setWeights(values);
    tf.dispose(values);
  }
}
