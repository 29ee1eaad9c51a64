import { expect, it } from 'vitest';
import { testDocument, testInput } from '../metadata/testing.js';
import {
  GraphBuilder,
  type Model,
  type Node,
  node,
  OnnxFormatError,
  type Tensor,
  tensor,
  writeModel,
} from '../onnx/index.js';
import { createSession } from '../runtime/node.js';
import { AgeModel } from './age-model.js';
import { openModel } from './open-model.js';

const SIDE = 4;
const CLASSES = Array.from({ length: 12 }, (_, age) => age);

const DOCUMENT = testDocument({
  name: 'padded',
  input: testInput({ width: SIDE, height: SIDE }),
  age: { name: 'age', activation: 'logits', classes: CLASSES },
});

it('lets zeros around maps take part in a pooling of negative values', async () => {
  const g = new GraphBuilder();
  const image = g.input('image', 'float32', ['N', 3, SIDE, SIDE]);
  const padded = g.op('Pad', [image, g.ints([0, 0, 1, 1, 0, 0, 1, 1])]);
  const pooled = g.op('MaxPool', [padded], { kernel_shape: [3, 3], strides: [3, 3], pads: [0, 0, 0, 0] });
  g.output(g.op('Flatten', [pooled]), 'age');
  const source = { bytes: writeModel(g.build()), name: 'padded', metadata: DOCUMENT };
  const model = await AgeModel.load(openModel(source), createSession, { gender: false });
  try {
    const crop = Float32Array.from({ length: model.inputSize }, (_, i) => -1 - i);
    const [{ age }] = (await model.predict(crop, 1)) as [Awaited<ReturnType<typeof model.predict>>[number]];
    // Each of the windows reaches over an edge and finds 0 there: all logits are alike.
    for (const p of Array.from(age.probabilities)) expect(p).toBeCloseTo(1 / CLASSES.length, 6);
  } finally {
    await model.dispose();
  }
});

/** A model that is nothing but these nodes between `image` and `age`. */
function made(nodes: readonly Node[], constants: readonly Tensor[] = []): Model {
  const g = new GraphBuilder();
  g.output(g.op('Flatten', [g.input('image', 'float32', ['N', 3, SIDE, SIDE])]), 'age');
  const model = g.build();
  const initializers = new Map(constants.map((t) => [t.name, t]));
  const outputs = [{ name: 'age', type: { dtype: 'float32', shape: ['N', CLASSES.length] } }] as const;
  return { ...model, graph: { ...model.graph, nodes, initializers, outputs, valueInfo: new Map() } };
}

function endless(): Model {
  const g = new GraphBuilder();
  g.input('turn', 'int64', []);
  g.output(g.op('Identity', [g.input('go', 'bool', [])]), 'going');
  g.output(g.op('Identity', [g.input('x', 'float32', ['N', 3, SIDE, SIDE])]), 'next');
  const constants = [tensor('turns', 'int64', [], [2n ** 63n - 1n]), tensor('on', 'bool', [], [1])];
  const loop = node('Loop', ['turns', 'on', 'image'], ['looped'], { body: g.build().graph });
  return made([loop, node('Flatten', ['looped'], ['age'])], constants);
}

const amounts = { name: 'amounts', dtype: 'float8e4m3fn', dims: [8], data: new Uint8Array(8) } as const;

it.each<[string, Model, string]>([
  [
    'a cycle',
    made([node('Identity', ['b'], ['a']), node('Identity', ['a'], ['b']), node('Flatten', ['b'], ['age'])]),
    "Graph 'graph' has a cycle through Identity",
  ],
  [
    'amounts of a type that nothing counts in',
    made(
      [node('Pad', ['image', 'amounts'], ['p']), node('MaxPool', ['p'], ['age'], { kernel_shape: [2, 2] })],
      [amounts],
    ),
    "Tensor 'amounts' of type float8e4m3fn",
  ],
  [
    'an attribute of another kind',
    made([
      node('Pad', ['image'], ['p'], { pads: [0, 0, 1, 1, 0, 0, 1, 1] }),
      node('MaxPool', ['p'], ['age'], { kernel_shape: 2 }),
    ]),
    "Attribute 'kernel_shape' of MaxPool 'age' must be ints, found int",
  ],
  ['a loop without end', endless(), "Loop 'looped' must execute at most 1000000 nodes"],
])('names a model with %s, before ONNX Runtime sees it', (_, model, problem) => {
  const source = { bytes: writeModel(model), name: 'odd', metadata: DOCUMENT };
  const opening = () => openModel(source);
  expect(opening).toThrow(OnnxFormatError);
  expect(opening).toThrow(`Model 'odd': ${problem}`);
});
