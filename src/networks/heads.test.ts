import { describe, expect, it } from 'vitest';
import { execute } from '../../test/support/execute.js';
import { float32, GraphBuilder, type Value } from '../onnx/index.js';
import { classificationHead, HeadError, ordinalHead, regressionHead } from './heads.js';
import { Layers } from './layers.js';
import type { NetworkEnd } from './types.js';
import { randomWeights } from './weights.js';

const X = [0.5, -1, 2, 0.25, 1, -0.75];

/** Runs a head on two faces of three features, in the training form, which heads have alone. */
async function run(head: (l: Layers, features: Value) => Value, names: readonly string[]) {
  const g = new GraphBuilder();
  const layers = new Layers(g, (name, dims, initial) =>
    // Larger than a new head's, so that distributions differ.
    randomWeights(3)(name, dims, initial).map((v) => (initial.kind === 'constant' ? v : 60 * v)),
  );
  g.output(head(layers, g.input('x', 'float32', [2, 3])), 'y');
  const model = g.build();
  expect(layers.trainable).toEqual(names);
  const found = await execute(model, [float32('x', [2, 3], X)]);
  return Array.from(found.get('y')!.values, Number);
}

const softmax = (logits: readonly number[]) => {
  const powers = logits.map(Math.exp);
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
};

describe('heads', () => {
  it('of several branches give the mean of their distributions by shares', async () => {
    const ends = (features: Value): NetworkEnd => [
      { name: 'global', features, share: 1 },
      { name: 'local', features, share: 0.5 },
    ];
    const names = ['age.global', 'age.local'].flatMap((scope) => [`${scope}.weight`, `${scope}.bias`]);
    const mixed = await run((l, x) => classificationHead(l, ends(x), 4, { name: 'age' }), names);
    const alone = await Promise.all(
      ['age.global', 'age.local'].map((name) =>
        run((l, x) => classificationHead(l, x, 4, { name }), [`${name}.weight`, `${name}.bias`]),
      ),
    );
    for (const face of [0, 1]) {
      const part = (logits: readonly number[]) => softmax(logits.slice(4 * face, 4 * face + 4));
      const [global, local] = alone.map(part) as [number[], number[]];
      const found = part(mixed);
      global.forEach((p, k) => {
        expect(found[k]).toBeCloseTo((p + 0.5 * local[k]!) / 1.5, 5);
      });
    }
  });

  it('of ordinal questions share their weights, and begin with a logistic distribution', async () => {
    const logits = await run(
      (l, x) => ordinalHead(l, x, [10.5, 20.5, 50.5], 20.5, { name: 'age' }),
      ['age.weight', 'age.biases'],
    );
    const scores = [logits[1]!, logits[4]!];
    expect(scores[0]).not.toBe(scores[1]);
    // Above 10.5 years is 10 years below the middle, and 30 above it is far.
    const expected = scores.flatMap((score) => [score + 10 / 3, score, score - 10]);
    logits.forEach((logit, i) => {
      expect(logit).toBeCloseTo(expected[i]!, 5);
    });
  });

  it('of one number begin near the age that they are given', async () => {
    const near = await run((l, x) => regressionHead(l, x, 40, { name: 'age' }), ['age.weight', 'age.bias']);
    expect(near).toHaveLength(2);
    for (const age of near) expect(Math.abs(age - 40)).toBeLessThan(10);
  });

  it('refuse ends that they cannot read, and take an age as it is', () => {
    const g = new GraphBuilder();
    const layers = new Layers(g, randomWeights(1));
    const features = g.input('x', 'float32', [2, 1]);
    const age = { expectation: features };
    const branches = [
      { name: 'a', features, share: 1 },
      { name: 'b', features, share: 1 },
    ];
    expect(() => classificationHead(layers, age, 4, { name: 'age' })).toThrow(HeadError);
    expect(() => ordinalHead(layers, age, [4], 4, { name: 'age' })).toThrow('the network ends with an age');
    expect(() => regressionHead(layers, branches, 40, { name: 'age' })).toThrow('ends with 2 branches');
    expect(regressionHead(layers, age, 40, { name: 'age' })).toBe(features);
  });
});
