import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { MetadataError, parseMetadata } from './document.js';
import { decodeOutputs } from './outputs.js';

const metadata = (activation: 'logits' | 'probabilities', labels = ['female', 'male']) =>
  parseMetadata(
    {
      formatVersion: 1,
      name: 'm',
      input: {
        width: 8,
        height: 8,
        color: 'RGB',
        layout: 'NCHW',
        mean: [0, 0, 0],
        scale: [1, 1, 1],
        margin: 0,
        crop: 'square',
        alignment: 'none',
      },
      age: { name: 'age', activation, classes: [10, 20, 30] },
      gender: { name: 'gender', activation, labels },
      provenance: { backbone: '', data: '', recipe: '', licence: '', source: '' },
      metrics: {},
    },
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
  ['a sum far from 1', floats(0.5, 0.5, 0.5), undefined, "'age' is expected to be probabilities"],
  ['a negative probability', floats(-0.5, 1, 0.5), undefined, "'age' is expected to be probabilities"],
  ['NaN', floats(Number.NaN, 0, 0), undefined, 'sum to NaN'],
  [
    'another number of classes',
    floats(0.5, 0.5),
    undefined,
    "'age' has 2 numbers a face, its metadata say 3",
  ],
  ['a gender beyond 1', floats(0, 1, 0), floats(1.5), "'gender' is expected to be a probability, found -0.5"],
])('refuses %s', (_, age, gender, message) => {
  const decode = () => decodeOutputs(metadata('probabilities'), { age, gender }, 1);
  expect(decode).toThrow(MetadataError);
  expect(decode).toThrow(message);
});
