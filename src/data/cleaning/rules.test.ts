import { describe, expect, it } from 'vitest';
import type { Sample } from '../types.js';
import { CLEANING_PRESETS, type CleaningRules, rejectLabels, rejectSize } from './rules.js';

const sample = (facts: Partial<Sample>): Sample => ({
  path: 'a.jpg',
  image: { file: 'a.jpg' },
  age: { age: 30 },
  gender: 'female',
  faceScore: 4.5,
  ...facts,
});

const NO_FACE = Number.NEGATIVE_INFINITY;

/** Without the property, not with the value `undefined`. */
function without(key: keyof Sample): Sample {
  const { [key]: _, ...rest } = sample({});
  return rest as Sample;
}

describe('cleaning by labels', () => {
  it.each<[string, Sample, CleaningRules, string | undefined]>([
    ['takes what nothing is asked of', without('gender'), {}, undefined],
    ['never takes a picture without an age', without('age'), {}, 'no age'],
    ['counts in completed years', sample({ age: { age: 99.9 } }), { maxAge: 99 }, undefined],
    ['ends with the year after the last', sample({ age: { age: 100 } }), { maxAge: 99 }, 'age out of range'],
    ['begins with the first', sample({ age: { age: 9.9 } }), { minAge: 10 }, 'age out of range'],
    [
      'takes an interval that reaches into the range',
      sample({ age: { from: 8, to: 12 } }),
      { minAge: 10 },
      undefined,
    ],
    ['takes none beside it', sample({ age: { from: 4, to: 6 } }), { minAge: 10 }, 'age out of range'],
    ['asks for a gender', without('gender'), { needGender: true }, 'no gender'],
    ['asks for a face', sample({ faceScore: NO_FACE }), { minFaceScore: 1 }, 'no face'],
    ['asks for a sure face', sample({ faceScore: 0.99 }), { minFaceScore: 1 }, 'face score'],
    ['takes a face at the limit', sample({ faceScore: 1 }), { minFaceScore: 1 }, undefined],
    ['asks for no score of a set that has none', without('faceScore'), { minFaceScore: 1 }, undefined],
    ['asks for one face', sample({ secondFaceScore: 2.1 }), { singleFace: true }, 'second face'],
    [
      'takes NaN for no second face',
      sample({ secondFaceScore: Number.NaN }),
      { singleFace: true },
      undefined,
    ],
  ])('%s', (_, given, rules, reason) => {
    expect(rejectLabels(given, rules)?.reason).toBe(reason);
  });

  it('reports what was expected and what was found', () => {
    expect(rejectLabels(sample({ age: { age: 104 } }), CLEANING_PRESETS.dex)).toEqual({
      path: 'a.jpg',
      reason: 'age out of range',
      detail: 'expected an age of 10 to 99, found 104',
    });
  });
});

describe('the presets', () => {
  const kept = (preset: keyof typeof CLEANING_PRESETS, facts: Partial<Sample>) =>
    rejectLabels(sample(facts), CLEANING_PRESETS[preset]) === undefined;

  it('are the rules that the systems had', () => {
    const ages = [0, 1, 9, 10, 99, 100, 101];
    expect(ages.filter((age) => kept('dex', { age: { age } }))).toEqual([10, 99]);
    expect(ages.filter((age) => kept('wide-resnet', { age: { age } }))).toEqual([0, 1, 9, 10, 99, 100]);
    expect(ages.filter((age) => kept('vgg-face', { age: { age } }))).toEqual([1, 9, 10, 99, 100]);
    const scores = [NO_FACE, 0.9, 1, 2.9, 3];
    expect(scores.filter((faceScore) => kept('wide-resnet', { faceScore }))).toEqual([1, 2.9, 3]);
    expect(scores.filter((faceScore) => kept('vgg-face', { faceScore }))).toEqual([3]);
    expect(scores.filter((faceScore) => kept('dex', { faceScore }))).toEqual(scores);
    expect(rejectLabels(without('gender'), CLEANING_PRESETS['wide-resnet'])?.reason).toBe('no gender');
    expect(rejectLabels(without('gender'), CLEANING_PRESETS['vgg-face'])?.reason).toBe('no gender');
    expect(rejectLabels(without('gender'), CLEANING_PRESETS.dex)).toBeUndefined();
  });
});

describe('cleaning by size', () => {
  it('looks at the shorter side', () => {
    const size = { width: 40, height: 64 };
    expect(rejectSize('a.jpg', 'face', size, { minSize: 40 })).toBeUndefined();
    expect(rejectSize('a.jpg', 'face', size, {})).toBeUndefined();
    expect(rejectSize('a.jpg', 'face', size, { minSize: 41 })).toEqual({
      path: 'a.jpg',
      reason: 'too small',
      detail: 'expected a face of at least 41 pixels, found 40 × 64',
    });
  });
});
