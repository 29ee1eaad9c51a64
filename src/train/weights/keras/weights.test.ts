import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type KerasLayout, networkOf } from '../../../networks/index.js';
import { elementCount } from '../../../onnx/index.js';
import { parameterShapes } from '../load.js';
import type { WantedLayer } from '../weight-file.js';
import type { KerasTensor } from './file.js';
import { KerasWeights } from './weights.js';

type Dims = readonly number[];
type Shapes = Readonly<Record<string, Readonly<Record<string, Dims>>>>;

/** Layers whose values count from 0. */
function fileOf(shapes: Shapes) {
  const layers = Object.entries(shapes).map(([name, weights]) => {
    const tensors = Object.entries(weights).map(([role, dims]): [string, KerasTensor] => [
      role,
      { dims, path: '' },
    ]);
    return [name, new Map(tensors)] as const;
  });
  return {
    layers: new Map(layers),
    read: ({ dims }: KerasTensor) => Float32Array.from({ length: elementCount(dims) }, (_, i) => i),
    close() {},
  };
}

const wanted = (scope: string, shapes: Readonly<Record<string, Dims>>, head = false): WantedLayer => ({
  scope,
  shapes: new Map(Object.entries(shapes)),
  head,
});

const weightsOf = (shapes: Shapes, layout: KerasLayout = { layers: {} }, prefix = '') =>
  new KerasWeights(fileOf(shapes), layout, prefix);

/** The values of the layer's first parameter. */
function values(weights: KerasWeights, layer: WantedLayer): number[] {
  const found = weights.layer(layer);
  if (found.kind !== 'found') throw new Error(JSON.stringify(found));
  return [...[...found.read.values()][0]!()];
}

describe('weights of Keras', () => {
  it('of convolutions go from height, width, in, out to out, in, height, width', () => {
    // O = 2, I = 3, h = 1, w = 2: Keras' index of (h, w, i, o) is (w · 3 + i) · 2 + o.
    const weights = weightsOf({ conv: { kernel: [1, 2, 3, 2] } });
    const expected = [0, 1].flatMap((o) => [0, 1, 2].flatMap((i) => [0, 1].map((w) => (w * 3 + i) * 2 + o)));
    expect(values(weights, wanted('conv', { weight: [2, 3, 1, 2] }))).toEqual(expected);
  });

  it.each(['depthwise_kernel', 'kernel'])('of convolutions of single channels stand in %s', (role) => {
    // C = 3, h = 2, w = 1: Keras' index of (h, w, c, 0) is h · 3 + c.
    const weights = weightsOf({ conv: { [role]: [2, 1, 3, 1] } });
    const expected = [0, 1, 2].flatMap((c) => [0, 1].map((h) => h * 3 + c));
    expect(values(weights, wanted('conv', { weight: [3, 1, 2, 1] }))).toEqual(expected);
  });

  it('of dense layers on maps have their rows in another order, also where Keras has a convolution', () => {
    const maps = [2, 1, 3] as const;
    const layout = { layers: {}, flattened: { fc: maps, classifier: maps } };
    // C = 2, W = 3, two outputs: Keras' row of (w, c) is w · 2 + c.
    const expected = [0, 1].flatMap((c) => [0, 1, 2].flatMap((w) => [2 * (w * 2 + c), 2 * (w * 2 + c) + 1]));
    for (const kernel of [
      [6, 2],
      [1, 3, 2, 2],
    ]) {
      const weights = weightsOf({ fc: { kernel }, age: { kernel } }, layout);
      expect(values(weights, wanted('fc', { weight: [6, 2] }))).toEqual(expected);
      expect(values(weights, wanted('age', { weight: [6, 2] }, true))).toEqual(expected);
    }
  });

  it('of dense layers that were convolutions of one pixel stay unchanged', () => {
    const weights = weightsOf({ fc: { kernel: [1, 1, 3, 2] } });
    expect(values(weights, wanted('fc', { weight: [3, 2] }))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('are found by the names of their layout, after a prefix', () => {
    const weights = weightsOf(
      { 'trunk/block1_conv1': { bias: [2] } },
      { layers: { c1: 'block1_conv1' } },
      'trunk/',
    );
    expect(values(weights, wanted('c1', { bias: [2] }))).toEqual([0, 1]);
    expect(weights.layer(wanted('c2', { bias: [2] }))).toEqual({
      kind: 'missing',
      what: "layer 'trunk/c2' is missing",
    });
  });

  it.each([
    ['from 1', ['conv2d_1', 'conv2d_2', 'conv2d_10']],
    ['from no number, as TensorFlow 2 begins', ['conv2d', 'conv2d_1', 'conv2d_9']],
    ['from where another model ended', ['conv2d_9', 'conv2d_10', 'conv2d_11']],
    ['as Keras 1 called them', ['convolution2d_1', 'convolution2d_2', 'convolution2d_3']],
  ])('of layers that are numbered %s are found by their order', (_what, names) => {
    // The file lists them by name, and not in order.
    const shapes = Object.fromEntries(names.toReversed().map((name, i) => [name, { bias: [3 - i] }]));
    const weights = weightsOf(shapes, { layers: { first: 'conv2d_1', third: 'conv2d_3' } });
    expect(values(weights, wanted('first', { bias: [1] }))).toHaveLength(1);
    expect(values(weights, wanted('third', { bias: [3] }))).toHaveLength(3);
  });

  it('that do not fit are named, with both shapes as Keras has them', () => {
    const weights = weightsOf({ conv: { kernel: [3, 3, 4, 8], bias: [8] }, norm: { beta: [4] } });
    expect(weights.layer(wanted('conv', { weight: [16, 4, 3, 3] }))).toEqual({
      kind: 'misfit',
      problems: [
        "layer 'conv' must have kernel [3, 3, 4, 16], found [3, 3, 4, 8]",
        "layer 'conv' has bias, 'conv' has not",
      ],
    });
    expect(weights.layer(wanted('norm', { bias: [4], running_mean: [4] }))).toEqual({
      kind: 'misfit',
      problems: ["layer 'norm' has no moving_mean"],
    });
  });

  it('that were not requested are listed', () => {
    const weights = weightsOf({ conv: { bias: [1] }, predictions: { bias: [9] } });
    weights.layer(wanted('conv', { bias: [1] }));
    expect(weights.unused()).toEqual(['predictions']);
  });
});

describe('published files of Keras', () => {
  /** Layers, weights and shapes of published files, see scripts/fixtures/keras.py. */
  const published = JSON.parse(
    readFileSync(new URL('../../../../test/fixtures/keras/published.json', import.meta.url), 'utf8'),
  ) as Record<string, Shapes>;

  it.each(Object.keys(published))('fill every layer of %s, and only its classifier is unexpected', (name) => {
    const network = networkOf(name);
    const weights = weightsOf(published[name]!, network.keras!);
    const layers = new Map<string, Record<string, Dims>>();
    for (const [parameter, dims] of parameterShapes(network)) {
      const dot = parameter.lastIndexOf('.');
      const scope = parameter.slice(0, dot);
      layers.set(scope, { ...layers.get(scope), [parameter.slice(dot + 1)]: dims });
    }
    for (const [scope, shapes] of layers) {
      const found = weights.layer(wanted(scope, shapes));
      expect(found.kind === 'found' ? [] : found, scope).toEqual([]);
    }
    const heads: Record<string, string[]> = {
      'wrn-16-8': ['pred_gender', 'pred_age'],
      mobilenet: ['conv_preds'],
    };
    expect(weights.unused()).toEqual(heads[name] ?? ['predictions']);
  });

  it('fill heads for age and gender', () => {
    const wrn = weightsOf(published['wrn-16-8']!, networkOf('wrn-16-8').keras!);
    for (const [scope, outputs] of [
      ['age_head', 101],
      ['gender_head', 2],
    ] as const) {
      expect(wrn.layer(wanted(scope, { weight: [16 * 16 * 512, outputs] }, true)).kind).toBe('found');
    }
    const face = networkOf('vgg-face');
    const shapes = { weight: [4096, 101], bias: [101] };
    expect(
      weightsOf(published['vgg-face']!, face.keras!).layer(wanted(face.classifier, shapes, true)).kind,
    ).toBe('found');
  });
});
