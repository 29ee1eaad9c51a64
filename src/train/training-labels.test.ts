/** Smoothing and class weights against values worked out by hand. */
import { describe, expect, it } from 'vitest';
import type { AgeLabel } from '../age/index.js';
import type { Gender } from '../data/index.js';
import { randomWeights } from '../networks/index.js';
import { floatData } from '../runtime/index.js';
import { feedsOf } from './feed.js';
import { assemble } from './graph/index.js';
import { type RecipeDocument, recipeSchema } from './recipe/schema.js';
import { smoothed, trainingLabels } from './training-labels.js';

const SIDE = 8;

const recipeOf = (heads: RecipeDocument['heads']) =>
  recipeSchema.parse({
    name: 'test',
    title: '',
    source: '',
    reports: '',
    network: { name: 'softmax-regression' },
    input: { size: SIDE, margin: 0 },
    heads,
    batch: 4,
    stages: [{ name: 'only', epochs: 1, rate: 1, optimizer: { kind: 'sgd' } }],
  });

/** Three classes: 0-9, 10-19, 20-100. */
const CLASSES = [
  [0, 9],
  [10, 19],
  [20, 100],
] as [number, number][];

function labelling(
  heads: RecipeDocument['heads'],
  ages: readonly (AgeLabel | undefined)[] = [],
  genders: readonly (Gender | undefined)[] = [],
) {
  const recipe = recipeOf(heads);
  const assembled = assemble(recipe, randomWeights(1));
  return { assembled, labels: trainingLabels(recipe, assembled, { ages, genders }) };
}

describe('label smoothing', () => {
  it('returns a share of a distribution to all classes alike', () => {
    const [a, b, c] = smoothed(Float32Array.of(0, 1, 0), 0.3);
    expect([a, b, c].map((v) => Number(v!.toFixed(6)))).toEqual([0.1, 0.8, 0.1]);
    expect(smoothed(Float32Array.of(0, 0.25, 0.75, 0), 0.2)[2]).toBeCloseTo(0.65, 6);
  });

  it('leaves intervals, unknown labels and everything without it unchanged', () => {
    for (const target of [
      [1, 1, 0],
      [0, 0, 0],
    ])
      expect([...smoothed(Float32Array.from(target), 0.3)]).toEqual(target);
    expect([...smoothed(Float32Array.of(0, 1, 0), 0)]).toEqual([0, 1, 0]);
  });

  it("reaches the network's inputs, of age and gender", () => {
    const heads = { age: { classes: CLASSES, smoothing: 0.3 }, gender: { smoothing: 0.1 } };
    const { assembled, labels } = labelling(heads);
    const faces = {
      images: new Float32Array(3 * 3 * SIDE * SIDE),
      ages: [{ age: 12 }, { from: 5, to: 15 }, undefined],
      genders: ['male', 'female', undefined] as const,
      mix: undefined,
    };
    const [feeds] = feedsOf(faces, assembled, 0, 1, undefined, labels);
    const target = [...floatData(feeds!.age_target!)].map((v) => Number(v.toFixed(5)));
    expect(target.slice(0, 3)).toEqual([0.1, 0.8, 0.1]);
    expect(target.slice(3)).toEqual([0.83333, 1, 0, 0, 0, 0]);
    const male = floatData(feeds!.gender_target!);
    expect([male[0], male[1]].map((v) => Number(v!.toFixed(5)))).toEqual([0.95, 0.05]);
    expect([...floatData(feeds!.gender_known!)]).toEqual([1, 1, 0]);
  });
});

describe('class weights', () => {
  const ages = [{ age: 3 }, { age: 12 }, { age: 14 }, { age: 16 }, undefined];

  it('that are balanced are N / (K · n), over the classes that occur', () => {
    const { labels } = labelling({ age: { classes: CLASSES, classWeights: 'balanced' } }, ages);
    // N = 4, K = 2: one face from 0 to 9, three from 10 to 19.
    expect(labels.ageWeight({ age: 3 })).toBeCloseTo(4 / (2 * 1), 12);
    expect(labels.ageWeight({ age: 15 })).toBeCloseTo(4 / (2 * 3), 12);
    const sum = ages.reduce((all, age) => all + (age ? labels.ageWeight(age) : 0), 0);
    expect(sum).toBeCloseTo(4, 12);
  });

  it('that are listed are of the classes; an interval has the mean of what it covers', () => {
    const { labels } = labelling({
      age: { classes: CLASSES, classWeights: [1, 2, 5] },
      gender: { classWeights: [3, 1] },
    });
    expect([3, 12, 90].map((age) => labels.ageWeight({ age }))).toEqual([1, 2, 5]);
    expect(labels.ageWeight({ from: 0, to: 19 })).toBeCloseTo(1.5, 12);
    expect([labels.genderWeight('female'), labels.genderWeight('male')]).toEqual([3, 1]);
  });

  it('make the loss the weighted mean over faces', async () => {
    const heads: RecipeDocument['heads'] = {
      age: { classes: CLASSES, classWeights: [1, 2, 5] },
      gender: { classWeights: 'balanced' },
    };
    const { assembled, labels } = labelling(heads, ages, ['female', 'male', 'male', 'male']);
    const faces = {
      images: new Float32Array(4 * 3 * SIDE * SIDE),
      ages: ages.slice(1),
      genders: ['female', 'male', undefined, 'male'] as const,
      mix: { partner: Uint32Array.of(0, 1, 3, 2), lambda: Float32Array.of(1, 1, 0.75, 0.75) },
    };
    const [plain] = feedsOf({ ...faces, mix: undefined }, assembled, 0, 1, undefined, labels);
    expect([...floatData(plain!.age_known!)]).toEqual([2, 2, 2, 0]);
    const gender = [...floatData(plain!.gender_known!)].map((v) => Number(v.toFixed(5)));
    expect(gender).toEqual([2, 0.66667, 0, 0.66667]);
    const young = { ...faces, ages: [{ age: 3 }, { age: 12 }, { age: 3 }, { age: 50 }] };
    const [blended] = feedsOf(young, assembled, 0, 1, undefined, labels);
    // 0.75 · 1 + 0.25 · 5 and the other way round; half of an unknown gender is none.
    expect([...floatData(blended!.age_known!)]).toEqual([1, 2, 2, 4]);
    expect(floatData(blended!.gender_known!)[2]).toBe(0);
  });

  it('are as many as there are classes', () => {
    expect(() => labelling({ age: { classes: CLASSES, classWeights: [1, 2] } })).toThrow(
      "Recipe 'test': heads.age.classWeights: expected 3 numbers, one for each class, found 2",
    );
    expect(() => labelling({ age: { kind: 'regression', smoothing: 0.1 } })).toThrow(
      "heads.age.smoothing: not for a head of kind 'regression'",
    );
  });
});
