import { describe, expect, it } from 'vitest';
import { evaluationGraph, inferenceGraph, withWeights } from '../../autodiff/index.js';
import type { Batch } from '../../data/index.js';
import { type Initial, randomWeights, zeroWeights } from '../../networks/index.js';
import { cut, float32, GraphBuilder, intAttribute, type Model, writeModel } from '../../onnx/index.js';
import { floatData, floatTensor, type Tensors } from '../../runtime/index.js';
import { createSession } from '../../runtime/node.js';
import { feedsOf } from '../feed.js';
import { loadRecipe, RecipeError } from '../recipe/index.js';
import { type RecipeDocument, recipeSchema } from '../recipe/schema.js';
import { stageStep } from '../stage-step.js';
import { AGE, type Assembled, assemble, GENDER, LOSS } from './index.js';

const SIDE = 8;
const COUNT = 4;

const recipeOf = (
  heads: RecipeDocument['heads'],
  network: RecipeDocument['network'] = { name: 'softmax-regression' },
  size = SIDE,
) =>
  recipeSchema.parse({
    name: 'test',
    title: '',
    source: '',
    reports: '',
    network,
    input: { size },
    heads,
    batch: COUNT,
    stages: [{ name: 'only', epochs: 1, rate: 1, optimizer: { kind: 'sgd' } }],
  });

const assembled = (...args: Parameters<typeof recipeOf>) => assemble(recipeOf(...args), randomWeights(1));

const PARTS = { images: 'images', kernel: 'kernel', relu: 'relu', features: 'features' };

/** Of a convolution in a file, which may call its parts as it likes. */
function fromFile(
  heads: RecipeDocument['heads'],
  names: Partial<typeof PARTS> = {},
  standardize = false,
): Assembled {
  const { images, kernel, relu, features } = { ...PARTS, ...names };
  const g = new GraphBuilder();
  const values = Float32Array.from({ length: 4 * 3 * 9 }, (_, i) => Math.cos(i));
  const conv = g.op('Conv', [
    g.input(images, 'float32', ['N', 3, SIDE, SIDE]),
    g.parameter(kernel, 'float32', [4, 3, 3, 3], values),
    g.parameter('bias', 'float32', [4], [1, 2, 3, 4]),
  ]);
  const maps = g.op('Relu', [conv], {}, { name: relu });
  g.output(g.op('Flatten', [g.op('GlobalAveragePool', [maps])], {}, { name: features }));
  const input = { width: SIDE, height: SIDE, color: 'RGB', mean: [0, 0, 0], scale: [1, 1, 1] } as const;
  const backbone = { model: g.build(), images, features, input, parameters: [kernel, 'bias'] };
  return assemble(recipeOf(heads, { backbone: 'file.onnx', standardize }), randomWeights(1), backbone);
}

const FACES: Pick<Batch, 'images' | 'ages' | 'genders' | 'mix'> = {
  images: Float32Array.from({ length: COUNT * 3 * SIDE * SIDE }, (_, i) => Math.sin(i)),
  ages: [{ age: 30 }, { age: 61, std: 2 }, { from: 10, to: 19 }, undefined],
  genders: ['male', undefined, 'female', 'female'],
  mix: undefined,
};

async function outputs(graph: Assembled, faces = FACES, spread = 0) {
  const [feeds] = feedsOf(faces, graph, spread);
  return run(evaluationGraph(graph.forward), feeds!);
}

async function run({ graph, ...model }: Model, feeds: Tensors) {
  const session = await createSession(writeModel({ ...model, graph }), 'test', { threads: 1 });
  const names = graph.outputs.map(({ name }) => name);
  const found = await session.run(feeds, names);
  await session.dispose();
  return Object.fromEntries(names.map((name) => [name, Array.from(floatData(found[name]!))]));
}

const row = (values: readonly number[], i: number) =>
  values.slice((i * values.length) / COUNT, ((i + 1) * values.length) / COUNT);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe('the graph of a recipe', () => {
  it('returns distributions, and the losses of those faces whose labels are known', async () => {
    const graph = assembled({ age: { losses: { crossEntropy: 1, absolute: 0.5 } }, gender: { factor: 2 } });
    expect(graph.losses).toEqual(['crossEntropy', 'absolute', 'gender']);
    expect(graph.heads).toEqual([
      'age_head.weight',
      'age_head.bias',
      'gender_head.weight',
      'gender_head.bias',
    ]);
    const found = await outputs(graph);
    const probabilities = [0, 1, 2, 3].map((i) => row(found[AGE]!, i));
    for (const p of probabilities) expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    const expected = probabilities.map((p) => p.reduce((sum, v, k) => sum + v * k, 0));
    const gaussian = (k: number) => Math.exp(-((k - 61) ** 2) / 8) / Math.sqrt(8 * Math.PI);
    const crossEntropy = mean([
      -Math.log(probabilities[0]![30]!),
      -probabilities[1]!.reduce((sum, p, k) => sum + gaussian(k) * Math.log(p), 0),
      -Math.log(probabilities[2]!.slice(10, 20).reduce((a, b) => a + b)),
    ]);
    expect(found[`${LOSS}.crossEntropy`]![0]).toBeCloseTo(crossEntropy, 3);
    const absolute = mean([
      Math.abs(expected[0]! - 30),
      Math.abs(expected[1]! - 61),
      Math.max(0, expected[2]! - 19, 10 - expected[2]!),
    ]);
    expect(found[`${LOSS}.absolute`]![0]).toBeCloseTo(absolute, 3);
    const rows = [0, 1, 2, 3].map((i) => row(found[GENDER]!, i));
    const gender = -mean([Math.log(rows[0]![1]!), Math.log(rows[2]![0]!), Math.log(rows[3]![0]!)]);
    expect(found[`${LOSS}.gender`]![0]).toBeCloseTo(gender, 4);
    expect(found[LOSS]![0]).toBeCloseTo(crossEntropy + 0.5 * absolute + 2 * gender, 3);
  });

  it('spreads exact ages as far as requested, and stated spreads as they are', async () => {
    const graph = assembled({ age: {} });
    const found = await outputs(graph, FACES, 3);
    const [p] = [row(found[AGE]!, 0)];
    const first = await outputs(graph, { ...FACES, ages: [{ age: 30 }, undefined, undefined, undefined] }, 3);
    const gaussian = (k: number) => Math.exp(-((k - 30) ** 2) / 18) / Math.sqrt(18 * Math.PI);
    const expected = -p.reduce((sum, v, k) => sum + gaussian(k) * Math.log(v), 0);
    expect(first[LOSS]![0]).toBeCloseTo(expected, 3);
  });

  it('blends the labels of blended faces, and has none if one of two lacks it', async () => {
    const graph = assembled({ age: { losses: { absolute: 1 } } });
    const mix = { partner: Uint32Array.of(1, 0, 3, 2), lambda: Float32Array.of(0.75, 0.75, 0.5, 0.5) };
    const ages = [{ age: 40 }, { age: 20 }, { age: 50 }, undefined];
    const found = await outputs(graph, { ...FACES, ages, mix });
    const expected = [0, 1].map((i) => row(found[AGE]!, i).reduce((sum, p, k) => sum + p * k, 0));
    expect(found[LOSS]![0]).toBeCloseTo(mean([Math.abs(expected[0]! - 35), Math.abs(expected[1]! - 25)]), 3);
  });

  it('shows a number as the distribution between its two years', async () => {
    const found = await outputs(assembled({ age: { kind: 'regression' } }));
    const p = row(found[AGE]!, 0);
    expect(p.filter((v) => v > 1e-6).length).toBeLessThanOrEqual(2);
    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    const labels = [30, 61];
    const ages = [0, 1].map((i) => row(found[AGE]!, i).reduce((sum, v, k) => sum + v * k, 0));
    const third = row(found[AGE]!, 2).reduce((sum, v, k) => sum + v * k, 0);
    const absolute = mean([
      ...labels.map((age, i) => Math.abs(ages[i]! - age)),
      Math.max(0, third - 19, 10 - third),
    ]);
    expect(found[LOSS]![0]).toBeCloseTo(absolute, 3);
  });

  it('answers questions in order, with one weight for each feature', async () => {
    const graph = assembled({ age: { kind: 'ordinal', classes: 'groups-8' } });
    const shapes = graph.heads.map((name) => graph.forward.graph.initializers.get(name)!.dims);
    expect(shapes).toEqual([[3 * SIDE * SIDE, 1], [7]]);
    const found = await outputs(graph);
    expect(row(found[AGE]!, 0).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
  });

  it.each([
    ['an inner value', 'relu'],
    ['a parameter', 'kernel'],
    ['the features', 'features'],
    ['the input of pictures', 'images'],
  ] as const)('computes the same whatever a file calls %s, and can be trained', async (_what, which) => {
    const heads = { age: {}, gender: {} };
    const recipe = recipeOf(heads);
    const expected = await outputs(fromFile(heads));
    for (const name of ['age', 'gender', 'loss', 'age_known', 'age_head.weight', 'loss.gender', 'step']) {
      const graph = fromFile(heads, { [which]: name });
      expect(await outputs(graph), name).toEqual(expected);
      expect(graph.backbone).toEqual([which === 'kernel' ? `backbone.${name}` : 'kernel', 'bias']);
      const { initializers } = graph.forward.graph;
      expect(() => stageStep(recipe, recipe.stages[0]!, graph, initializers), name).not.toThrow();
    }
  });

  it('lets heads see features of mean 0 and deviation 1, if they are standardised', async () => {
    const { forward, statistics } = fromFile({ age: {} }, {}, true);
    expect(statistics).toEqual(['standardized.running_mean', 'standardized.running_var']);
    const norm = forward.graph.nodes.find((n) => n.op === 'BatchNormalization')!;
    const normed = norm.outputs[0]!;
    const seen = forward.graph.nodes.filter((n) => n.inputs.includes(normed));
    expect(seen.map((n) => n.inputs.find((name) => name.startsWith('age_head')))).toEqual([
      'age_head.weight',
    ]);
    const different = FACES.images.map((v, i) => v * Math.floor(1 + i / (3 * SIDE * SIDE)) ** 2);
    const images = { images: floatTensor(different, [COUNT, 3, SIDE, SIDE]) };
    // ONNX Runtime writes new statistics over those of the batch, where they are no outputs, before it uses them.
    const features = (await run(cut(forward, { outputs: norm.outputs }), images))[normed]!;
    for (let c = 0; c < 4; c++) {
      const values = [0, 1, 2, 3].map((i) => features[4 * i + c]!);
      expect(mean(values)).toBeCloseTo(0, 4);
      expect(Math.sqrt(mean(values.map((v) => v * v)))).toBeCloseTo(1, 4);
    }
  });

  it('continues standardising while only heads are trained', () => {
    const graph = fromFile({ age: {} }, {}, true);
    const recipe = recipeOf({ age: {} });
    const stage = { ...recipe.stages[0]!, train: 'heads' } as const;
    const { model, state } = stageStep(recipe, stage, graph, graph.forward.graph.initializers);
    const norm = model.graph.nodes.find((n) => n.op === 'BatchNormalization')!;
    expect(intAttribute(norm, 'training_mode', 0)).toBe(1);
    const statistics = state.filter(({ kind }) => kind === 'statistic').map(({ of }) => of);
    expect(statistics).toEqual(graph.statistics);
  });

  it('says the same where what standardises is folded into the heads', async () => {
    const { forward } = fromFile({ age: {}, gender: {} }, {}, true);
    const weights = new Map(
      [
        float32('standardized.running_mean', [4], [1.2, 1.9, 3.3, 4.1]),
        float32('standardized.running_var', [4], [0.04, 0.3, 0.01, 2]),
      ].map((t) => [t.name, t]),
    );
    const folded = inferenceGraph(forward, weights, [AGE, GENDER]);
    const ops = folded.graph.nodes.map((n) => n.op);
    expect(ops).not.toContain('BatchNormalization');
    expect(ops.filter((op) => op === 'Gemm')).toHaveLength(2);
    const images = { images: floatTensor(FACES.images, [COUNT, 3, SIDE, SIDE]) };
    const whole = evaluationGraph(withWeights(forward, weights));
    const expected = await run(cut(whole, { outputs: [AGE, GENDER] }), images);
    const found = await run(folded, images);
    for (const name of [AGE, GENDER]) {
      expect(Math.max(...found[name]!.map((v, i) => Math.abs(v - expected[name]![i]!)))).toBeLessThan(1e-6);
    }
  });

  it.each<[string, number, RecipeDocument['heads'], string]>([
    ['lenet-5', 8, { age: {} }, 'input.size: LeNet-5 takes pictures of at least 28 pixels a side, found 8×8'],
    [
      'ssr-net',
      64,
      { age: {} },
      "heads.age.kind: Head 'age_head' needs features, but the network ends with an age",
    ],
    [
      'ssr-net',
      64,
      { age: { kind: 'regression' }, gender: {} },
      "heads.gender: Head 'gender_head' needs features, but the network ends with an age",
    ],
  ])(
    'of %s at %i pixels with %o is refused in a sentence that names the field',
    (name, size, heads, sentence) => {
      const refused = new RecipeError(`Recipe 'test': ${sentence}`);
      expect(() => assembled(heads, { name }, size)).toThrow(refused);
    },
  );
});

describe('the networks of Deep Age that begin with random weights', () => {
  it.each(['softmax', 'dnn', 'cnn', 'lenet', 'alexnet', '4c2f', '4c2f-mod', 'vgg19', 'inception-v3'])(
    '%s begins with those of Keras, which are uniform',
    async (name) => {
      const kinds = new Map<string, Initial['kind']>();
      assemble(await loadRecipe(`deep-age-${name}`), (weight, dims, initial) => {
        if (dims.length > 1) kinds.set(weight, initial.kind);
        return zeroWeights(weight, dims, initial);
      });
      expect(kinds.size).toBeGreaterThan(0);
      expect(new Set(kinds.values()), [...kinds].join('; ')).toEqual(new Set(['uniform']));
    },
  );
});
