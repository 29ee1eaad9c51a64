import { describe, expect, it } from 'vitest';
import { type RecipeDocument, recipeSchema } from './schema.js';
import { smokeForm } from './smoke.js';

const sgd = { kind: 'sgd', weightDecay: 0.1 } as const;
const WHOLE: RecipeDocument = {
  name: 'whole',
  title: 'Whole',
  source: 'here',
  reports: 'nothing',
  network: { name: 'lenet-5', weights: 'w.h5' },
  input: { size: 48 },
  heads: { age: { spread: 2, losses: { crossEntropy: 1, absolute: 0.1 } }, gender: { factor: 0.5 } },
  data: { store: 'some.store', limit: 1000 },
  batch: 96,
  microBatches: 6,
  augment: { mixup: { alpha: 0.2 } },
  average: 0.999,
  epochSteps: 7,
  evaluateEvery: 5,
  separation: [5],
  members: 20,
  stages: [
    { name: 'frozen', train: 'heads', epochs: 3, rate: 1e-5, optimizer: sgd, clipNorm: 5 },
    {
      name: 'top',
      train: { from: 'fc1' },
      epochs: 3,
      rate: 0.1,
      warmUp: 2,
      optimizer: { kind: 'adam' },
      patience: 2,
    },
    { name: 'all', epochs: 3, rate: 1, schedule: { kind: 'cosine' }, optimizer: sgd, fromBest: true },
    { name: 'settle', epochs: 3, rate: 0.1, optimizer: sgd },
  ],
};
const whole = recipeSchema.parse(WHOLE);
const smoke = smokeForm(whole);

describe('smokeForm', () => {
  it('keeps the network, the input, the heads and the losses', () => {
    expect([smoke.network, smoke.input, smoke.heads.gender]).toEqual([
      whole.network,
      whole.input,
      whole.heads.gender,
    ]);
    expect(smoke.heads.age).toEqual({ ...whole.heads.age, spread: 0 });
  });

  it.each([
    ['lenet-5', 48, 48],
    ['resnet18', 256, [64, 64]],
    ['resnet18', undefined, [64, 64]],
    ['resnet18', [256, 192], [64, 48]],
    ['inception-v3', [600, 300], [150, 75]],
    ['vgg-face', 224, [64, 64]],
  ] as const)('has pictures of %s no larger than it needs: %j', (name, size, expected) => {
    const recipe = recipeSchema.parse({ ...WHOLE, network: { name }, input: { size } });
    expect(smokeForm(recipe).input).toMatchObject({ ...recipe.input, size: expected });
  });

  it('has pictures in -1..1 of a network that begins with random values', () => {
    const recipe = recipeSchema.parse({ ...WHOLE, network: { name: 'vgg19' }, input: {} });
    const { mean, scale } = smokeForm(recipe).input;
    const [darkest, brightest] = [0, 255].map((value) =>
      scale!.map((factor, i) => factor * (value - mean![i]!)),
    );
    expect([darkest, brightest]).toEqual([
      [-1, -1, -1],
      [1, 1, 1],
    ]);
  });

  it('leaves the size of a backbone of a file unchanged', () => {
    const recipe = recipeSchema.parse({ ...WHOLE, network: { backbone: 'x.onnx' }, input: { size: 224 } });
    expect(smokeForm(recipe).input.size).toBe(224);
  });

  it('takes 64 faces that look the same each time', () => {
    expect(smoke).toMatchObject({ data: { store: 'some.store', limit: 64 }, augment: false, members: 2 });
    expect(smoke).not.toHaveProperty('epochSteps');
    expect(smoke).not.toHaveProperty('average');
  });

  it('cuts a batch in two if the recipe cuts its own', () => {
    expect([smoke.batch, smoke.microBatches]).toEqual([16, 2]);
    expect(smokeForm({ ...whole, microBatches: 1 }).microBatches).toBe(1);
  });

  it('has each stage once that trains something else, without an end before it has learnt', () => {
    expect(smoke.stages.map(({ name, train }) => [name, train])).toEqual([
      ['frozen', 'heads'],
      ['top', { from: 'fc1' }],
      ['all', 'all'],
    ]);
    expect(smoke.stages.map(({ rate }) => rate)).toEqual([0.01, 1e-3, 2e-4]);
    for (const stage of smoke.stages) {
      expect(stage).toMatchObject({ schedule: { kind: 'constant' }, warmUp: 2 });
      expect(stage).not.toHaveProperty('patience');
      expect(stage.optimizer.weightDecay).toBe(0);
    }
    expect(smoke.stages[0]!.clipNorm).toBe(5);
  });

  it('trains all of a network that begins with random values', () => {
    const { stages } = smokeForm({ ...whole, network: { name: 'lenet-5', standardize: false } });
    expect(stages.map(({ name, train }) => [name, train])).toEqual([['frozen', 'all']]);
  });

  it.each([
    ['heads', 2e-4],
    ['all', 1e-3],
  ] as const)('takes the rate of a stage that trains %s for all of it at %d', (train, rate) => {
    const stage = { name: 'one', train, epochs: 3, rate: 1e-3, optimizer: { kind: 'adam' } } as const;
    const recipe = recipeSchema.parse({ ...WHOLE, network: { name: 'lenet-5' }, stages: [stage] });
    expect(smokeForm(recipe).stages).toMatchObject([{ train: 'all', rate }]);
  });

  it('leaves the recipe unchanged', () => {
    expect(recipeSchema.parse(WHOLE)).toEqual(whole);
  });

  it('is a recipe', () => {
    expect(recipeSchema.parse(smoke)).toEqual(smoke);
    const genderAlone = { ...whole, heads: { gender: { factor: 1, smoothing: 0 } } };
    expect(recipeSchema.parse(smokeForm(genderAlone)).heads).toEqual(genderAlone.heads);
  });
});
