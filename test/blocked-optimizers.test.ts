/** Steps of every optimizer with clipping, averages and micro-batches, their state in blocks, against plain ones. */
import { describe, expect, it } from 'vitest';
import { nextName, type Optimizer, trainingStep } from '../src/autodiff/index.js';
import { layoutsOf } from '../src/lowering/index.js';
import { float32, GraphBuilder, type Model, type Tensor, type Value } from '../src/onnx/index.js';
import { compareLowerings } from './support/compare-lowerings.js';
import { noise } from './support/execute.js';

const BLOCK = 16;
const [BATCH, SIZE, CLASSES] = [4, 8, 5];

const count = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** A stem, a dense, a 1×1 and a depthwise convolution; the loss of squared outputs. */
function forward(): { model: Model; parameters: string[] } {
  const g = new GraphBuilder({ name: 'forward' });
  const parameters: string[] = [];
  const weight = (name: string, dims: readonly number[], values?: Float32Array): Value => {
    parameters.push(name);
    const scale = 1 / Math.sqrt(count(dims.slice(1)));
    const given = values ?? noise(count(dims), parameters.length).map((v) => v * scale);
    return g.parameter(name, 'float32', [...dims], given);
  };
  const norm = (x: Value, name: string): Value => {
    const c = x.size(1);
    const filled = (v: number) => new Float32Array(c).fill(v);
    const inputs = [x, weight(`${name}.scale`, [c], filled(1)), weight(`${name}.bias`, [c], noise(c, 40))];
    const statistics = [g.parameter(`${name}.mean`, 'float32', [c], filled(0))];
    statistics.push(g.parameter(`${name}.variance`, 'float32', [c], filled(1)));
    return g.op('Relu', [
      g.ops('BatchNormalization', 3, [...inputs, ...statistics], { training_mode: 1 })[0],
    ]);
  };
  const pads = [1, 1, 1, 1];
  let x: Value = g.input('images', 'float32', [BATCH, 3, SIZE, SIZE]);
  x = norm(g.op('Conv', [x, weight('stem', [32, 3, 3, 3])], { pads }), 'a');
  x = norm(g.op('Conv', [x, weight('dense', [64, 32, 3, 3])], { pads, strides: [2, 2] }), 'b');
  x = norm(g.op('Conv', [x, weight('depthwise', [64, 1, 3, 3])], { pads, group: 64 }), 'c');
  x = norm(g.op('Conv', [x, weight('pointwise', [96, 64, 1, 1])]), 'd');
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [x])]);
  const y = g.op('Gemm', [pooled, weight('head', [96, CLASSES])]);
  const target = g.input('target', 'float32', [BATCH, CLASSES]);
  const difference = g.op('Sub', [y, target]);
  g.output(g.op('ReduceMean', [g.op('Mul', [difference, difference])], { keepdims: 0 }), 'loss');
  return { model: g.build(), parameters };
}

const optimizers: readonly Optimizer[] = [
  { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 1e-3 },
  { kind: 'adam', weightDecay: 1e-3 },
  { kind: 'adamw', weightDecay: 1e-2 },
];

describe('a step on emulated kernels with its state in blocks', () => {
  it.each(optimizers)('of $kind equals one on standard operators', async (optimizer) => {
    const { model, parameters } = forward();
    const step = trainingStep(model, {
      loss: 'loss',
      groups: [{ parameters }],
      optimizer,
      clipNorm: 0.5,
      averageDecay: 0.99,
      accumulate: true,
    });
    const layouts = [];
    for (const graph of [step.model, step.accumulate!]) {
      const inputs = graph.graph.inputs.map(({ name, type }, i): Tensor => {
        const dims = type!.shape as number[];
        const entry = step.state.find((one) => one.name === name);
        if (entry !== undefined && entry.initial !== 'zeros') return { ...entry.initial, name };
        // Second moments are not negative; rates and counts are small numbers.
        const values = noise(count(dims), i + 1).map((v) => Math.abs(v) / 10);
        return float32(
          name,
          dims,
          dims.length === 0 ? Float32Array.of(name === 'learning_rate' ? 0.01 : 3) : values,
        );
      });
      const given = new Set(graph.graph.outputs.map((o) => o.name));
      const state = step.state
        .filter(({ name }) => graph.graph.inputs.some((input) => input.name === name))
        .map(({ name }) => ({ input: name, output: given.has(nextName(name)) ? nextName(name) : undefined }));
      const { error, output, lowered } = await compareLowerings(graph, inputs, BLOCK, 'emulated', state);
      expect(error, output).toBeLessThan(1e-4);
      layouts.push(layoutsOf(lowered)!.byName);
    }
    // What both graphs carry is in one order.
    const [whole, accumulating] = layouts as [ReadonlyMap<string, string>, ReadonlyMap<string, string>];
    for (const { name, kind, shape } of step.state) {
      if (shape.length !== 4) continue;
      expect(whole.get(name), name).toBeDefined();
      if (kind === 'weight' || kind === 'accumulator') expect(accumulating.get(name)).toBe(whole.get(name));
    }
  });
});
