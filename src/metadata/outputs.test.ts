import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { ageStatistics, type Gender } from '../age/index.js';
import { type ModelMetadata, parseMetadata } from './document.js';
import { MetadataError } from './error.js';
import { decodeOutputs, type Prediction } from './outputs.js';
import { testDocument } from './testing.js';

const metadata = (
  activation: 'logits' | 'probabilities',
  labels: readonly [Gender, Gender] = ['female', 'male'],
) =>
  parseMetadata(
    testDocument({
      name: 'm',
      age: { name: 'age', activation, classes: [10, 20, 30] },
      gender: { name: 'gender', activation, labels },
    }),
    'm',
  );

const floats = (...values: number[]) => Float32Array.from(values);

it('makes a softmax of logits, of any size', () => {
  const logits = floats(1, 2, -0.5, 1000, 1001, 998);
  const wanted = tf.softmax(tf.tensor2d(logits, [2, 3])).arraySync() as number[][];
  const found = decodeOutputs(metadata('logits'), { age: logits }, 2);
  found.forEach(({ age, female }, i) => {
    expect(female).toBeUndefined();
    Array.from(age.probabilities).forEach((p, k) => {
      expect(p).toBeCloseTo(wanted[i]![k]!, 6);
    });
  });
});

it.each([
  ['two probabilities', 'probabilities', ['female', 'male'], [0.75, 0.25], 0.75],
  ['two probabilities the other way round', 'probabilities', ['male', 'female'], [0.75, 0.25], 0.25],
  ['one probability, of the second label', 'probabilities', ['female', 'male'], [0.25], 0.75],
  ['one logit, of the second label', 'logits', ['male', 'female'], [Math.log(3)], 0.75],
  ['two logits', 'logits', ['female', 'male'], [Math.log(3), 0], 0.75],
] as const)('reads gender from %s', (_, activation, labels, gender, female) => {
  const age = activation === 'logits' ? floats(0, 0, 0) : floats(0, 1, 0);
  const facts = metadata(activation, [...labels]);
  const [found] = decodeOutputs(facts, { age, gender: floats(...gender) }, 1);
  expect(found!.female).toBeCloseTo(female, 6);
});

it.each([
  ['a sum far from 1', floats(0.5, 0.5, 0.5), undefined, "'age' must be probabilities"],
  ['a negative probability', floats(-0.5, 1, 0.5), undefined, "'age' must be probabilities"],
  ['NaN', floats(Number.NaN, 0, 0), undefined, 'sum to NaN'],
  [
    'another number of classes',
    floats(0.5, 0.5),
    undefined,
    "'age' has 2 numbers per face, its metadata says 3",
  ],
  ['a gender beyond 1', floats(0, 1, 0), floats(1.5), "'gender' must be a probability, found -0.5"],
])('refuses %s', (_, age, gender, message) => {
  const decode = () => decodeOutputs(metadata('probabilities'), { age, gender }, 1);
  expect(decode).toThrow(MetadataError);
  expect(decode).toThrow(message);
});

it("gives each network's ages if a model averages several", () => {
  const facts = metadata('probabilities');
  const averaging = { ...facts, age: { ...facts.age!, members: ['a', 'b'] } };
  const members = [floats(1, 0, 0, 0, 1, 0), floats(0, 0.5, 0.5, 0, 0, 1)];
  const found = decodeOutputs(averaging, { age: floats(1, 0, 0, 0, 1, 0), members }, 2);
  expect(found.map((said) => said.members!.map((one) => ageStatistics(one).mean))).toEqual([
    [10, 25],
    [20, 30],
  ]);
  expect(() =>
    decodeOutputs(averaging, { age: floats(1, 0, 0), members: [floats(2, 0, 0), floats(1, 0, 0)] }, 1),
  ).toThrow("its output 'a' must be probabilities");
});

it('gives only gender for a model without ages', () => {
  const facts = { ...metadata('probabilities'), age: null };
  const [found] = decodeOutputs(facts, { gender: floats(0.75, 0.25) }, 1);
  expect([found!.age.classes, found!.female]).toEqual([[], 0.75]);
});

describe('of a calibrated model', () => {
  const fittedOn = [{ title: '', fingerprint: '', split: null, part: null, rows: '', faces: 1 }];
  const plain = {
    temperature: 1,
    spread: 0,
    logWeights: null,
    bias: null,
    femaleFrom: null,
    interval: null,
    fittedOn,
  };
  const decode = (calibration: Partial<NonNullable<ModelMetadata['calibration']>>, gender = floats(0.3)) => {
    const facts = {
      ...metadata('probabilities', ['male', 'female']),
      calibration: { ...plain, ...calibration },
    };
    return decodeOutputs(facts, { age: floats(0.2, 0.6, 0.2), gender }, 1)[0]!;
  };
  const at = (years: readonly number[], { age }: Prediction) => years.map((year) => age.probabilities[year]);

  it('distributions are over the years, unchanged if nothing was to be changed', () => {
    const found = decode({});
    expect(found.age.classes).toHaveLength(101);
    for (const [i, p] of [0.2, 0.6, 0.2].entries()) expect(at([10, 20, 30], found)[i]).toBeCloseTo(p, 6);
    expect([found.female, found.widening]).toEqual([expect.closeTo(0.3, 6), undefined]);
  });

  it('distributions are tempered, then smoothed', () => {
    const tempered = decode({ temperature: 0.5 });
    // 0.04 : 0.36 : 0.04.
    for (const [i, p] of [1 / 11, 9 / 11, 1 / 11].entries())
      expect(at([10, 20, 30], tempered)[i]).toBeCloseTo(p, 6);
    const { mean, std } = ageStatistics(decode({ temperature: 0.5, spread: 3 }).age);
    expect(mean).toBeCloseTo(20, 2);
    // Variances add up, but for what a Gaussian on whole years loses beyond 0.
    expect(std).toBeCloseTo(Math.sqrt(200 / 11 + 9), 1);
  });

  it('years are weighted after tempering', () => {
    // 0.04 : 0.36 : 0.04, of which the first counts nine times.
    const logWeights = Array.from({ length: 101 }, (_, y) => (y < 15 ? Math.log(9) : 0));
    const found = decode({ temperature: 0.5, logWeights });
    for (const [i, p] of [9 / 19, 9 / 19, 1 / 19].entries())
      expect(at([10, 20, 30], found)[i]).toBeCloseTo(p, 6);
  });

  it('distributions are moved by the bias of their estimate', () => {
    const bias = { knots: [0, 40], ages: [0, 45] };
    expect(ageStatistics(decode({ bias }).age).mean).toBeCloseTo(22.5, 5);
  });

  it('gender has its threshold at one half', () => {
    expect(decode({ femaleFrom: 0.3 }).female).toBeCloseTo(0.5, 6);
    expect(decode({ femaleFrom: 0.3 }, floats(0.9)).female).toBeCloseTo(21 / 22, 6);
    expect(decode({ femaleFrom: 0.6 }, floats(1)).female).toBe(1);
  });

  it('intervals are widened', () => {
    expect(decode({ interval: { coverage: 0.9, widening: 2.5 } }).widening).toBe(2.5);
  });
});
