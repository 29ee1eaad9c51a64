import { expect, it } from 'vitest';
import { GraphBuilder, writeModel } from '../onnx/index.js';
import { createSession } from '../runtime/node.js';
import { AgeModel } from './age-model.js';

const SIDE = 4;
const CLASSES = Array.from({ length: 12 }, (_, age) => age);

const DOCUMENT = {
  formatVersion: 1,
  name: 'padded',
  input: {
    width: SIDE,
    height: SIDE,
    color: 'RGB',
    layout: 'NCHW',
    mean: [0, 0, 0],
    scale: [1, 1, 1],
    margin: 0,
    crop: 'square',
    alignment: 'none',
  },
  age: { name: 'age', activation: 'logits', classes: CLASSES },
  gender: null,
  provenance: { backbone: '', data: '', recipe: '', licence: '', source: '' },
  metrics: {},
};

it('lets zeros around maps take part in a pooling of negative values', async () => {
  const g = new GraphBuilder();
  const image = g.input('image', 'float32', ['N', 3, SIDE, SIDE]);
  const padded = g.op('Pad', [image, g.ints([0, 0, 1, 1, 0, 0, 1, 1])]);
  const pooled = g.op('MaxPool', [padded], { kernel_shape: [3, 3], strides: [3, 3], pads: [0, 0, 0, 0] });
  g.output(g.op('Flatten', [pooled]), 'age');
  const source = { bytes: writeModel(g.build()), name: 'padded', metadata: DOCUMENT };
  const model = await AgeModel.load(source, createSession, { gender: false });
  try {
    const crop = Float32Array.from({ length: model.inputSize }, (_, i) => -1 - i);
    const [{ age }] = (await model.predict(crop, 1)) as [Awaited<ReturnType<typeof model.predict>>[number]];
    // Each of the windows reaches over an edge and finds 0 there: all logits are alike.
    for (const p of Array.from(age.probabilities)) expect(p).toBeCloseTo(1 / CLASSES.length, 6);
  } finally {
    await model.dispose();
  }
});
