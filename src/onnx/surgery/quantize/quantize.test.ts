/** Against ONNX Runtime: as it stands the graph is the definition, optimized it is what integer kernels make of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, noise, type Result } from '../../../../test/support/execute.js';
import { GraphBuilder, type Value } from '../../builder.js';
import { readModel, writeModel } from '../../codec/index.js';
import type { Dim, Model } from '../../graph.js';
import { elementCount, float32, float32Values, tensorValues } from '../../tensor.js';
import { cut } from '../cut.js';
import { toFloat16 } from '../float16.js';
import { activationsToCalibrate, quantize } from './quantize.js';
import type { ObservedRange, ValueRange } from './scales.js';

const weight = (g: GraphBuilder, name: string, dims: number[], seed: number) => {
  const fan = elementCount(dims) / (dims.length === 2 ? dims[1]! : dims[0]!);
  return g.parameter(
    name,
    'float32',
    dims,
    noise(elementCount(dims), seed).map((v) => v * Math.sqrt(3 / fan)),
  );
};
const conv = (g: GraphBuilder, x: Value, name: string, dims: number[], attributes = {}) =>
  g.op(
    'Conv',
    [x, weight(g, `${name}.w`, dims, name.length), weight(g, `${name}.b`, [dims[0]!], 9)],
    attributes,
    {
      name,
    },
  );
const PADDED = { pads: [1, 1, 1, 1] };

function build(shape: readonly Dim[], body: (g: GraphBuilder, x: Value) => Value, opset = 20): Model {
  const g = new GraphBuilder({ opset });
  g.output(body(g, g.input('x', 'float32', shape)), 'y');
  return g.build();
}

/** Depthwise and plain convolutions, a skip, pooling, and two dense layers. */
const network = () =>
  build(['N', 3, 16, 16], (g, x) => {
    const stem = g.op(
      'Relu',
      [conv(g, x, 'stem', [16, 3, 3, 3], { ...PADDED, strides: [2, 2] })],
      {},
      { name: 'relu' },
    );
    const deep = conv(g, stem, 'depthwise', [16, 1, 3, 3], { ...PADDED, group: 16 });
    const six = g.op('Clip', [deep, g.scalar(0), g.scalar(6)], {}, { name: 'six' });
    const sum = g.op(
      'Relu',
      [g.op('Add', [conv(g, six, 'point', [16, 16, 1, 1]), stem])],
      {},
      { name: 'sum' },
    );
    const pooled = g.op('MaxPool', [sum], { kernel_shape: [2, 2], strides: [2, 2] }, { name: 'pooled' });
    const flat = g.op('Flatten', [pooled], {}, { name: 'flat' });
    const dense = g.op(
      'Relu',
      [g.op('Gemm', [flat, weight(g, 'dense.w', [256, 32], 3), weight(g, 'dense.b', [32], 4)])],
      {},
      { name: 'dense' },
    );
    return g.op('Softmax', [g.op('MatMul', [dense, weight(g, 'head.w', [32, 10], 5)])], { axis: 1 });
  });

const pictures = (seed: number, shape = [4, 3, 16, 16]) =>
  float32('x', shape, noise(elementCount(shape), seed));

/** What the values of a model are seen to be on inputs. */
async function rangesOf(model: Model, x = pictures(1)): Promise<Map<string, ObservedRange>> {
  const names = activationsToCalibrate(model);
  const inner = names.filter((name) => name !== 'x');
  const results =
    inner.length > 0 ? await execute(cut(model, { outputs: inner }), [x]) : new Map<string, Result>();
  const range = (values: ArrayLike<unknown>): ValueRange => {
    const numbers = Array.from(values, Number);
    return { low: Math.min(...numbers), high: Math.max(...numbers) };
  };
  return new Map(
    names.map((name) => [name, range(name === 'x' ? tensorValues(x) : results.get(name)!.values)]),
  );
}

/** The root of the mean squared difference, as a share of the deviation of what is expected. */
function noiseShare(expected: Result, found: Result): number {
  expect(found.dims).toEqual(expected.dims);
  const [a, b] = [Array.from(expected.values, Number), Array.from(found.values, Number)];
  const mean = a.reduce((s, v) => s + v, 0) / a.length;
  const signal = a.reduce((s, v) => s + (v - mean) ** 2, 0);
  return Math.sqrt(a.reduce((s, v, i) => s + (v - b[i]!) ** 2, 0) / signal);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quantize-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The operators that ONNX Runtime runs, sorted. */
async function operatorsRun(model: Model): Promise<string[]> {
  const path = join(folder, 'optimized.onnx');
  const session = await InferenceSession.create(writeModel(model), {
    logSeverityLevel: 3,
    graphOptimizationLevel: 'all',
    optimizedModelFilePath: path,
  });
  await session.release();
  return readModel(readFileSync(path))
    .graph.nodes.map((n) => n.op)
    .sort();
}

describe('activationsToCalibrate', () => {
  it('names what layers read and convolutions make, past activations, and not what is only rearranged', () => {
    expect(activationsToCalibrate(network())).toEqual(['x', 'relu', 'six', 'point', 'sum', 'dense']);
  });

  it('leaves alone what leads to floating-point nodes only', () => {
    const model = build(['N', 3, 8, 8], (g, x) => {
      const pooled = g.op('GlobalAveragePool', [conv(g, x, 'a', [4, 3, 3, 3])]);
      return g.op('Sigmoid', [g.op('Add', [pooled, pooled])]);
    });
    expect(activationsToCalibrate(model)).toEqual(['x', 'a']);
  });
});

describe('quantize', () => {
  it('is close to the network, as written and as ONNX Runtime computes it', async () => {
    const model = network();
    const quantized = quantize(model, await rangesOf(model));
    expect(quantized.graph.inputs).toEqual(model.graph.inputs);
    expect(quantized.graph.outputs).toEqual(model.graph.outputs);
    for (const seed of [1, 2, 3]) {
      const x = [pictures(seed)];
      const expected = (await execute(model, x)).get('y')!;
      const written = (await execute(quantized, x)).get('y')!;
      const integers = (await execute(quantized, x, true)).get('y')!;
      expect(noiseShare(expected, written)).toBeLessThan(0.06);
      expect(noiseShare(written, integers)).toBeLessThan(0.02);
      expect(noiseShare(expected, written)).toBeGreaterThan(1e-4);
    }
  });

  it('runs on integers from the first convolution to the last product', async () => {
    const model = network();
    const operators = await operatorsRun(quantize(model, await rangesOf(model)));
    const count = (op: string) => operators.filter((o) => o === op).length;
    expect(count('QLinearConv')).toBe(3);
    expect(count('QLinearAdd')).toBe(1);
    expect(count('QGemm')).toBe(1);
    expect(count('QuantizeLinear')).toBe(1);
    for (const op of ['Conv', 'FusedConv', 'Gemm', 'MatMul', 'Add', 'Relu', 'Clip', 'DequantizeLinear']) {
      expect(count(op), op).toBe(0);
    }
  });

  it('errs by no more than half a step of input, weights, bias and output each', async () => {
    const [inputs, outputs] = [24, 8];
    const model = build(['N', inputs], (g, x) =>
      g.op('Gemm', [x, weight(g, 'w', [inputs, outputs], 1), weight(g, 'b', [outputs], 2)], {
        beta: 0.5,
      }),
    );
    const x = pictures(3, [16, inputs]);
    const ranges = await rangesOf(model, x);
    const quantized = quantize(model, ranges);
    const constant = (name: string) => float32Values(quantized.graph.initializers.get(name)!);
    const [xStep] = constant('x.scale') as unknown as [number];
    const wSteps = constant('w.scale');
    const w = float32Values(model.graph.initializers.get('w')!);
    const values = float32Values(x);
    const [expected, found] = [await execute(model, [x]), await execute(quantized, [x])].map(
      (r) => r.get('y')!.values as Float32Array,
    );
    let worst = 0;
    for (let n = 0; n < 16; n++)
      for (let o = 0; o < outputs; o++) {
        let bound = (xStep * wSteps[o]!) / 2 + 1e-5;
        for (let i = 0; i < inputs; i++) {
          const [dx, dw] = [xStep / 2, wSteps[o]! / 2];
          bound += dx * Math.abs(w[i * outputs + o]!) + dw * Math.abs(values[n * inputs + i]!) + dx * dw;
        }
        const error = Math.abs(expected![n * outputs + o]! - found![n * outputs + o]!);
        expect(error).toBeLessThanOrEqual(bound);
        worst = Math.max(worst, error);
      }
    expect(worst).toBeGreaterThan(0);
  });

  it.each<[string, (g: GraphBuilder, x: Value) => Value]>([
    ['rows', (g, x) => g.op('Gemm', [x, weight(g, 'w', [24, 8], 1)])],
    ['columns', (g, x) => g.op('Gemm', [x, weight(g, 'w', [8, 24], 1)], { transB: 1 })],
  ])('has a scale for each output of weights in %s', async (_, body) => {
    const model = build(['N', 24], body);
    const x = pictures(5, [4, 24]);
    const quantized = quantize(model, await rangesOf(model, x));
    expect(quantized.graph.initializers.get('w.scale')!.dims).toEqual([8]);
    const [before, after] = [await execute(model, [x]), await execute(quantized, [x], true)];
    expect(noiseShare(before.get('y')!, after.get('y')!)).toBeLessThan(0.02);
    expect(await operatorsRun(quantized)).toContain('QGemm');
  });

  it.each<[string, number[], (g: GraphBuilder, x: Value) => Value]>([
    ['a convolution', [12, 1, 1], (g, x) => conv(g, x, 'a', [8, 12, 1, 1])],
    ['a grouped convolution', [12, 1, 1], (g, x) => conv(g, x, 'a', [9, 4, 1, 1], { group: 3 })],
    ['a layer without bias', [12, 1, 1], (g, x) => g.op('Conv', [x, weight(g, 'w', [8, 12, 1, 1], 1)])],
    ['a matrix in rows', [12], (g, x) => g.op('Gemm', [x, weight(g, 'w', [12, 8], 1)])],
    ['a matrix in columns', [12], (g, x) => g.op('Gemm', [x, weight(g, 'w', [8, 12], 1)], { transB: 1 })],
  ])('keeps the mean of what is made by %s', async (_, shape, body) => {
    const model = build(['N', ...shape], body);
    const [count, channels] = [256, 12];
    const levels = noise(channels, 8);
    const values = noise(count * channels, 7).map((v, i) => 0.2 * v + 3 * levels[i % channels]!);
    const x = float32('x', [count, ...shape], values);
    const ranges = await rangesOf(model, x);
    const mean = levels.map((_, c) => {
      const own = values.filter((_, i) => i % channels === c);
      return own.reduce((a, b) => a + b, 0) / count;
    });
    /** How far the means of the outputs are off, summed over channels. */
    const shift = async (quantized: Model) => {
      const [before, after] = [await execute(model, [x]), await execute(quantized, [x])].map(
        (r) => r.get('y')!,
      );
      const outputs = before!.dims[1]!;
      const sums = new Float64Array(outputs);
      for (let i = 0; i < before!.values.length; i++)
        sums[i % outputs]! += Number(after!.values[i]) - Number(before!.values[i]);
      return sums.reduce((sum, v) => sum + Math.abs(v), 0) / count;
    };
    const corrected = quantize(model, new Map(ranges).set('x', { ...ranges.get('x')!, mean }));
    expect(await shift(corrected)).toBeLessThan(0.35 * (await shift(quantize(model, ranges))));
  });

  it('saturates instead of a bound only if the range ends there', async () => {
    const clipped = (high: number) => {
      const model = build(['N', 1, 4, 4], (g, x) =>
        conv(
          g,
          g.op('Clip', [conv(g, x, 'a', [4, 1, 1, 1]), g.scalar(0), g.scalar(6)], {}, { name: 'six' }),
          'b',
          [2, 4, 1, 1],
        ),
      );
      const ranges = new Map(activationsToCalibrate(model).map((name) => [name, { low: -1, high: 1 }]));
      return quantize(model, ranges.set('six', { low: 0, high })).graph.nodes.map((n) => n.op);
    };
    expect(clipped(6)).not.toContain('Clip');
    expect(clipped(2)).not.toContain('Clip');
    expect(clipped(7)).toContain('Clip');
  });

  it('lets floating-point nodes read the original value if integers are made only for others', async () => {
    const model = build(['N', 3, 8, 8], (g, x) => {
      const y = g.op('Sigmoid', [conv(g, g.op('Tanh', [x], {}, { name: 'tanh' }), 'a', [3, 3, 1, 1])]);
      return g.op('Mul', [y, g.value('tanh')]);
    });
    const quantized = quantize(model, await rangesOf(model, pictures(1, [2, 3, 8, 8])));
    const product = quantized.graph.nodes.find((n) => n.op === 'Mul')!;
    expect(product.inputs[1]).toBe('tanh');
    expect(quantized.graph.nodes.find((n) => n.op === 'Conv')!.inputs[0]).toBe('tanh.dequantized');
  });

  it('keeps the name of an output that a convolution makes and another reads', async () => {
    const g = new GraphBuilder();
    const first = conv(g, g.input('x', 'float32', ['N', 3, 4, 4]), 'first', [4, 3, 1, 1]);
    g.output(first);
    g.output(conv(g, first, 'second', [4, 4, 1, 1]));
    const model = g.build();
    const x = pictures(1, [2, 3, 4, 4]);
    const quantized = quantize(model, await rangesOf(model, x));
    const [before, after] = [await execute(model, [x]), await execute(quantized, [x], true)];
    expect([...after.keys()]).toEqual(['first', 'second']);
    for (const name of after.keys())
      expect(noiseShare(before.get(name)!, after.get(name)!), name).toBeLessThan(0.03);
  });

  it('reads weights that are stored as float16, and leaves other constants so', async () => {
    const model = build(['N', 16, 4, 4], (g, x) => {
      const y = g.op('Sigmoid', [conv(g, x, 'a', [16, 16, 3, 3])]);
      return g.op('Mul', [y, weight(g, 'factor', [16, 16, 1, 1], 7)]);
    });
    const halved = toFloat16(model);
    const quantized = quantize(halved, await rangesOf(halved, pictures(1, [2, 16, 4, 4])));
    const stored = (name: string) => quantized.graph.initializers.get(name)?.dtype;
    expect([stored('a.w.int8'), stored('a.w.float16'), stored('factor.float16')]).toEqual([
      'int8',
      undefined,
      'float16',
    ]);
  });

  it('refuses a missing range, one that is not one, and old operators', () => {
    const model = build(['N', 2], (g, x) => g.op('MatMul', [x, weight(g, 'w', [2, 2], 1)]));
    expect(() => quantize(model, new Map())).toThrow("The range of value 'x' is missing");
    expect(() => quantize(model, new Map([['x', { low: 1, high: Number.NaN }]]))).toThrow(
      "Value 'x': A range must go from low to high, found 1 to NaN",
    );
    const old = { ...model, opsets: new Map([['', 12]]) };
    expect(() => quantize(old, new Map())).toThrow("graph 'graph' is of 12");
  });
});
