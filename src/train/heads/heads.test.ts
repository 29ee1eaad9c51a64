import { describe, expect, it } from 'vitest';
import { RATE_CORRECTION } from '../../autodiff/index.js';
import { type ModelMetadataDocument, readMetadata, withDocument } from '../../metadata/index.js';
import { GraphBuilder, inferTypes, type Model, toFloat16, writeModel } from '../../onnx/index.js';
import { floatData, floatTensor } from '../../runtime/index.js';
import { createSession } from '../../runtime/node.js';
import {
  type HeadEpoch,
  type HeadSample,
  headNetwork,
  headStep,
  headViews,
  trainHead,
  withHead,
} from './index.js';

const SIDE = 8;
const FEATURES = 12;
const YEARS = 101;

const DOCUMENT: ModelMetadataDocument = {
  formatVersion: 1,
  name: 'small',
  input: {
    ...{ width: SIDE, height: SIDE, color: 'RGB', layout: 'NCHW', margin: 0, crop: 'square' },
    ...{ alignment: 'none', mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] },
  },
  age: { name: 'age', activation: 'probabilities', classes: Array.from({ length: YEARS }, (_, k) => k) },
  gender: null,
  provenance: { backbone: '', data: 'none', recipe: '', licence: '', source: '' },
  metrics: { made: { mae: 1 } },
};

const headWeights = Float32Array.from({ length: FEATURES * YEARS }, (_, i) => Math.sin(i) / 50);

/** A network of averages over quarters of a picture, and one layer, in either of Gemm's forms. */
function smallModel(form: 'plain' | 'transposed' = 'plain'): Model {
  const g = new GraphBuilder({ opset: 18 });
  const image = g.input('image', 'float32', ['N', 3, SIDE, SIDE]);
  const pooled = g.op('AveragePool', [image], { kernel_shape: [4, 4], strides: [4, 4] });
  const features = g.op('Flatten', [pooled], { axis: 1 });
  const bias = g.parameter('head.bias', 'float32', [YEARS], new Float32Array(YEARS).fill(0.5));
  const turned = headWeights.map(
    (_, i) => headWeights[(i % FEATURES) * YEARS + Math.floor(i / FEATURES)]! / 2,
  );
  const logits =
    form === 'plain'
      ? g.op('Gemm', [features, g.parameter('head.weight', 'float32', [FEATURES, YEARS], headWeights), bias])
      : g.op('Gemm', [features, g.parameter('head.weight', 'float32', [YEARS, FEATURES], turned), bias], {
          transB: 1,
          alpha: 2,
        });
  g.output(g.op('Softmax', [logits], { axis: 1 }), 'age');
  return withDocument(g.build(), DOCUMENT);
}

/** A made face, the brighter the older, with a pattern of its part. */
function face(age: number, pattern: number): Float32Array {
  return Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => age / 25 + pattern * Math.sin(i));
}

const AGES = [10, 30, 50, 70];

async function samplesOf(model: Model, pattern: number, std = 0): Promise<HeadSample[]> {
  const network = headNetwork(model, 'small');
  const session = await createSession(writeModel(network.backbone), 'backbone');
  const crops = AGES.map((age) => face(age, pattern));
  const all = new Float32Array(crops.length * crops[0]!.length);
  crops.forEach((crop, i) => {
    all.set(crop, i * crop.length);
  });
  const views = await headViews(network, session, all, AGES.length);
  await session.dispose();
  return views.map((view, i) => ({ ...view, label: { age: AGES[i]!, std } }));
}

async function probabilities(model: Model, image: Float32Array): Promise<Float32Array> {
  const session = await createSession(writeModel(model), 'model');
  const { age } = await session.run({ image: floatTensor(image, [1, 3, SIDE, SIDE]) });
  await session.dispose();
  return floatData(age!);
}

const OPTIONS = { learningRate: 0.2, epochs: 150, batch: 2, weightDecay: 0 } as const;

describe('a head', () => {
  it('learns the ages of made faces, of those held out too', async () => {
    const model = smallModel();
    const parts = { training: await samplesOf(model, 0.1), validation: await samplesOf(model, 0.3) };
    const { history, epoch } = await trainHead(headNetwork(model, 'small'), createSession, parts, OPTIONS);
    const [first, last] = [history[0]!, history.at(-1)!];
    expect(first).toMatchObject({ epoch: 0, loss: expect.closeTo(Math.log(YEARS), 0) });
    expect(last.epoch).toBe(OPTIONS.epochs);
    expect(last.loss).toBeLessThan(first.loss / 2);
    expect(last.mae).toBeLessThan(first.mae / 2);
    const losses = history.map(({ validation }) => validation!.loss);
    expect(losses[epoch]).toBe(Math.min(...losses));
    expect(losses[epoch]).toBeLessThan(losses[0]! / 2);
  });

  it('has as its loss how far estimates are from labels with a spread: none at best', async () => {
    const model = smallModel();
    const training = await samplesOf(model, 0.1, 4);
    const { history } = await trainHead(
      headNetwork(model, 'small'),
      createSession,
      { training, validation: [] },
      { ...OPTIONS, epochs: 400, batch: 4 },
    );
    // Without what labels leave open: half of log(2π e 16) nats.
    expect(history[0]!.loss).toBeCloseTo(Math.log(YEARS) - Math.log(2 * Math.PI * Math.E * 16) / 2, 1);
    expect(history.at(-1)!.loss).toBeGreaterThan(0);
    expect(history.at(-1)!.loss).toBeLessThan(0.02);
  });

  it('is drawn back to what it was by weight decay', async () => {
    const model = smallModel();
    const training = await samplesOf(model, 0.1);
    const change = async (weightDecay: number) => {
      const network = headNetwork(model, 'small');
      const options = { ...OPTIONS, epochs: 40, weightDecay };
      const { layer } = await trainHead(network, createSession, { training, validation: [] }, options);
      return Math.hypot(...layer.weight.map((w, i) => w - network.layer.weight[i]!));
    };
    expect(await change(1)).toBeLessThan((await change(0)) / 5);
  });

  it.each([
    ['float32', smallModel()],
    ['float16', toFloat16(smallModel())],
    ['a transposed matrix', smallModel('transposed')],
  ])('becomes part of a model whose weights are stored as %s', async (_, model) => {
    const network = headNetwork(model, 'small');
    const samples = await samplesOf(model, 0.1);
    const training = samples.map((sample) => ({ ...sample, mirrored: sample }));
    const { layer } = await trainHead(network, createSession, { training, validation: [] }, OPTIONS);
    const tuned = withHead(network, layer, 'four made faces');
    expect(readMetadata(tuned, 'tuned')).toMatchObject({
      name: 'small-tuned',
      metrics: {},
      provenance: { data: 'none; four made faces' },
    });
    for (const age of AGES) {
      const found = await probabilities(tuned, face(age, 0.1));
      expect(found.indexOf(Math.max(...found))).toBe(age);
    }
    // It can be trained again.
    expect(headNetwork(tuned, 'tuned').width).toBe(FEATURES);
  });

  it.each(['plain', 'transposed'] as const)('is unchanged without a step, from a %s layer', async (form) => {
    const model = smallModel(form);
    const network = headNetwork(model, 'small');
    const training = await samplesOf(model, 0.1);
    const none = { ...OPTIONS, epochs: 0 };
    const { layer, history } = await trainHead(network, createSession, { training, validation: [] }, none);
    expect(history).toHaveLength(1);
    const expected = await probabilities(model, face(40, 0.2));
    const found = await probabilities(withHead(network, layer, ''), face(40, 0.2));
    found.forEach((p, k) => {
      expect(p).toBeCloseTo(expected[k]!, 6);
    });
  });

  it('stops when onEpoch returns false', async () => {
    const model = smallModel();
    const seen: HeadEpoch[] = [];
    const training = await samplesOf(model, 0.1);
    const { history } = await trainHead(
      headNetwork(model, 'small'),
      createSession,
      { training, validation: [] },
      OPTIONS,
      (record) => seen.push(record) < 3,
    );
    expect(history).toEqual(seen);
    expect(history.map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
  });

  it('needs ages from one layer', () => {
    const g = new GraphBuilder({ opset: 18 });
    const image = g.input('image', 'float32', ['N', 3, SIDE, SIDE]);
    g.output(g.op('Slice', [g.op('Flatten', [image]), g.ints([0]), g.ints([YEARS]), g.ints([1])]), 'age');
    expect(() => headNetwork(withDocument(g.build(), DOCUMENT), 'odd')).toThrow(
      /^Model 'odd': expected ages from one fully connected layer \(Gemm\), found Slice$/,
    );
  });
});

it.each(['cpu', 'webgpu'] as const)(
  'the step of a head has nothing of float64, which browsers lack on a GPU, for %s',
  (device) => {
    const { model } = headStep({ width: FEATURES, classes: YEARS }, { weightDecay: 1e-4, device });
    const types = [...inferTypes(model).values()].map(({ dtype }) => dtype);
    expect(types.length).toBeGreaterThan(20);
    expect(types).not.toContain('float64');
    expect(model.graph.inputs.map(({ name }) => name)).toContain(RATE_CORRECTION);
  },
);
