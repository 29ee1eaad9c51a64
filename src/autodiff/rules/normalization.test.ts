/** Normalisations and dropout against central differences. */
import { describe, expect, it } from 'vitest';
import { execute, noise } from '../../../test/support/execute.js';
import { gradientError } from '../../../test/support/gradcheck.js';
import { lowerToStandard } from '../../lowering/standard/index.js';
import { float32, GraphBuilder, tensor } from '../../onnx/index.js';
import { gradients } from '../index.js';

const shapes: readonly (readonly number[])[] = [
  [4, 3],
  [3, 3, 5],
  [2, 3, 3, 4],
];

const channel = (range?: readonly [number, number]) => ({ dims: [3], ...(range ? { range } : {}) });

describe('the gradient of BatchNormalization', () => {
  for (const batchNorm of ['native', 'primitives'] as const) {
    it.each(shapes)(`in training, ${batchNorm}, of [%i, %i, ...]`, async (...dims) => {
      for (const declared of [dims, ['N', ...dims.slice(1)]]) {
        const error = await gradientError({
          variables: {
            x: { dims, declared, range: [-1, 2] },
            scale: channel([0.5, 2]),
            bias: channel(),
          },
          build: (g, { x, scale, bias }) => {
            const [mean, variance] = [0.3, 0.8].map((v) => g.constant(tensor('', 'float64', [3], [v, v, v])));
            const inputs = [x, scale, bias, mean, variance];
            const [y] = g.ops('BatchNormalization', 3, inputs, { training_mode: 1, epsilon: 0.01 });
            return y;
          },
          lowering: { batchNorm },
        });
        expect(error).toBeLessThan(1);
      }
    });
  }

  it.each(shapes)('in inference, for all five inputs, of [%i, %i, ...]', async (...dims) => {
    const error = await gradientError({
      variables: {
        x: { dims },
        scale: channel(),
        bias: channel(),
        mean: channel(),
        variance: channel([0.5, 2]),
      },
      build: (g, { x, scale, bias, mean, variance }) =>
        g.op('BatchNormalization', [x, scale, bias, mean, variance], { epsilon: 0.01 }),
    });
    expect(error).toBeLessThan(1);
  });

  it('keeps its digits if the mean is large', async () => {
    // Against the same data without the offset, which changes nothing but rounding.
    const gradientAt = async (offset: number) => {
      const g = new GraphBuilder();
      const x = g.input('x', 'float32', [64, 2]);
      const per = (v: number) => g.constant(float32('', [2], [v, v]));
      const inputs = [x, per(1), per(0), per(0), per(1)];
      const [y] = g.ops('BatchNormalization', 3, inputs, { training_mode: 1 });
      const cube = g.op('Mul', [y, g.op('Mul', [y, y])]);
      const [dx] = gradients(g, g.op('ReduceSum', [cube], { keepdims: 0 }), [x]);
      g.output(dx!, 'dx');
      const model = lowerToStandard(g.build(), { batchNorm: 'primitives' });
      // Multiples of 1/256 stay exact beside the offset.
      const values = noise(128).map((v) => Math.round(v * 256) / 256 + offset);
      return (await execute(model, [float32('x', [64, 2], values)])).get('dx')!.values as Float32Array;
    };
    const [near, far] = [await gradientAt(0), await gradientAt(1000)];
    const largest = Math.max(...near.map(Math.abs));
    near.forEach((v, i) => {
      expect(Math.abs(v - far[i]!)).toBeLessThan(2e-3 * largest);
    });
  });
});

describe('the gradient of LayerNormalization', () => {
  it.each([-1, 1, 2, 0])('from axis %i on', async (axis) => {
    const dims = [2, 3, 4];
    const normal = dims.slice(axis);
    for (const declared of [dims, ['N', 3, 4]]) {
      if (axis === 0 && declared !== dims) continue;
      const error = await gradientError({
        variables: { x: { dims, declared }, scale: { dims: normal }, bias: { dims: normal } },
        build: (g, { x, scale, bias }) =>
          g.op('LayerNormalization', [x, scale, bias], { axis, epsilon: 0.01 }),
      });
      expect(error).toBeLessThan(1);
    }
  });
});

describe('the gradient of LRN', () => {
  it.each([1, 3, 5, 7])('over %i channels', async (size) => {
    const error = await gradientError({
      variables: { x: { dims: [2, 6, 3, 2], declared: ['N', 6, 3, 2], range: [-2, 2] } },
      build: (g, { x }) => g.op('LRN', [x], { size, alpha: 0.9, beta: 0.6, bias: 1.5 }),
      precision: 'float32',
    });
    expect(error).toBeLessThan(1);
  });
});

describe('the gradient of Dropout', () => {
  const graph = (training: 'always' | 'asked', ratio: number) => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [200]);
    const mode =
      training === 'asked' ? g.input('training', 'bool', []) : g.constant(tensor('', 'bool', [], [1]));
    const [y, mask] = g.ops('Dropout', 2, [x, g.scalar(ratio), mode], { seed: 7 });
    const [dx] = gradients(g, g.op('ReduceSum', [y], { keepdims: 0 }), [x]);
    g.output(mask, 'mask');
    g.output(dx!, 'dx');
    return g.build();
  };
  const x = float32('x', [200], noise(200));

  it('scales what the mask kept', async () => {
    const result = await execute(graph('always', 0.2), [x]);
    const mask = Array.from(result.get('mask')!.values, Number);
    const dx = Array.from(result.get('dx')!.values, Number);
    expect(mask.filter((kept) => kept === 0).length).toBeGreaterThan(20);
    dx.forEach((v, i) => {
      expect(v).toBeCloseTo(mask[i]! / 0.8, 6);
    });
  });

  it('passes everything if a run does not train', async () => {
    const training = (on: number) => tensor('training', 'bool', [], [on]);
    const off = await execute(graph('asked', 0.5), [x, training(0)]);
    expect(new Set(Array.from(off.get('dx')!.values, Number))).toEqual(new Set([1]));
    const on = await execute(graph('asked', 0.5), [x, training(1)]);
    expect(new Set(Array.from(on.get('dx')!.values, Number))).toEqual(new Set([0, 2]));
  });

  it('is nothing without training, and asks for the mask with it', () => {
    const g = new GraphBuilder();
    const v = g.input('x', 'float32', [4]);
    const idle = g.op('ReduceSum', [g.op('Dropout', [v])], { keepdims: 0 });
    expect(gradients(g, idle, [v])[0]!.shape).toEqual([4]);
    const on = g.constant(tensor('', 'bool', [], [1]));
    const blind = g.op('ReduceSum', [g.op('Dropout', [v, undefined, on])], { keepdims: 0 });
    expect(() => gradients(g, blind, [v])).toThrow("'Dropout_2': its mask, output 1, is needed");
  });
});
