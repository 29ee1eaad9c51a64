import { describe, expect, it } from 'vitest';
import { execute, noise } from '../../../test/support/execute.js';
import { cut, float32, GraphBuilder, type Model, quantize } from '../../onnx/index.js';
import { CalibrationError, calibrate } from './calibrate.js';

const SAMPLE = [3, 6, 6];
const SIZE = 108;

function network(): Model {
  const g = new GraphBuilder();
  const x = g.input('images', 'float32', ['N', ...SAMPLE]);
  const weights = (name: string, dims: number[], seed: number) =>
    g.parameter(
      name,
      'float32',
      dims,
      noise(
        dims.reduce((a, b) => a * b),
        seed,
      ),
    );
  const conv = g.op('Relu', [g.op('Conv', [x, weights('w', [4, 3, 3, 3], 1)])], {}, { name: 'relu' });
  const flat = g.op('Flatten', [g.op('GlobalAveragePool', [conv], {}, { name: 'features' })]);
  g.output(g.op('Gemm', [flat, weights('v', [4, 2], 2)]), 'y');
  return g.build();
}

async function* batches(...sizes: number[]): AsyncGenerator<Float32Array> {
  for (const [i, size] of sizes.entries()) yield noise(size * SIZE, i + 5);
}

describe('calibrate', () => {
  it('finds the range and the means of every value that is to be quantized', async () => {
    const model = network();
    const ranges = await calibrate(model, batches(3, 5), { threads: 1 });
    expect([...ranges.keys()]).toEqual(['images', 'relu', 'features']);
    const seen = await Promise.all(
      [3, 5].map(async (size, i) => {
        const images = float32('images', [size, ...SAMPLE], noise(size * SIZE, i + 5));
        const found = await execute(cut(model, { outputs: ['features'] }), [images]);
        return Array.from(found.get('features')!.values, Number);
      }),
    );
    const values = seen.flat();
    const { low, high, mean } = ranges.get('features')!;
    expect(low).toBe(0);
    expect(high).toBeCloseTo(Math.max(...values), 5);
    for (let c = 0; c < 4; c++) {
      const own = values.filter((_, i) => i % 4 === c);
      expect(mean![c]).toBeCloseTo(own.reduce((a, b) => a + b, 0) / 8, 5);
    }
    expect(() => quantize(model, ranges)).not.toThrow();
  });

  it('needs no run for a network of one layer', async () => {
    const g = new GraphBuilder();
    const x = g.input('images', 'float32', ['N', 2]);
    g.output(g.op('MatMul', [x, g.parameter('w', 'float32', [2, 2], noise(4))]), 'y');
    async function* two() {
      yield Float32Array.of(-1, 2, 0, 1);
    }
    expect([...(await calibrate(g.build(), two()))]).toEqual([
      ['images', { low: -1, high: 2, mean: Float64Array.of(-0.5, 1.5) }],
    ]);
  });

  it('refuses what is no number, and no pictures at all', async () => {
    async function* broken() {
      yield new Float32Array(SIZE).fill(Number.NaN);
    }
    await expect(calibrate(network(), broken())).rejects.toThrow(CalibrationError);
    await expect(calibrate(network(), batches())).rejects.toThrow('Calibration needs a batch of pictures');
  });
});
