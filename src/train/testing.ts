/** A small training step and its batches, and what writes a run's folder, for tests. */
import { type TrainingStep, trainingStep } from '../autodiff/index.js';
import { GraphBuilder, type Model, type Value } from '../onnx/index.js';
import { floatTensor, type Tensors } from '../runtime/index.js';

export { RunLog, writeEnsemblePage, writeRunFacts, writeRunPage } from './log/index.js';
export { type PublishedLayers, writePublished } from './weights/testing.js';

const [CHANNELS, SIZE] = [16, 8];
export const BATCH = 16;

/** Pseudorandom numbers in -1..1 (the linear congruential generator of Numerical Recipes). */
function numbers(count: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Two convolutions, batch norm or none, ReLU, pooling and a linear layer, under the squared error. */
function forward(batch: number, norm: boolean): Model {
  const g = new GraphBuilder({ name: 'small' });
  const x = g.input('x', 'float32', [batch, 3, SIZE, SIZE]);
  const y = g.input('y', 'float32', [batch, 1]);
  const weight = (name: string, dims: readonly number[], scale: number) => {
    const count = dims.reduce((a, b) => a * b, 1);
    return g.parameter(
      name,
      'float32',
      dims,
      numbers(count, count).map((v) => v * scale),
    );
  };
  const per = (name: string, value: number) =>
    g.parameter(name, 'float32', [CHANNELS], new Float32Array(CHANNELS).fill(value));
  const normed = (v: Value) => {
    const inputs = [v, per('scale', 1), per('bias', 0), per('mean', 0), per('variance', 1)];
    return g.ops('BatchNormalization', 3, inputs, { training_mode: 1 })[0];
  };
  const same = { pads: [1, 1, 1, 1] };
  const stem = g.op('Conv', [x, weight('stem', [CHANNELS, 3, 3, 3], 0.3)], same);
  const a = g.op('Relu', [norm ? normed(stem) : stem]);
  const b = g.op('Relu', [g.op('Conv', [a, weight('deep', [CHANNELS, CHANNELS, 3, 3], 0.1)], same)]);
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [b])]);
  const difference = g.op('Sub', [g.op('MatMul', [pooled, weight('linear', [CHANNELS, 1], 0.5)]), y]);
  g.output(g.op('ReduceMean', [g.op('Mul', [difference, difference])], { keepdims: 0 }), 'loss');
  return g.build();
}

/** A step of AdamW. With accumulation it has no batch norm, which treats each micro-batch separately. */
export function smallStep({ batch = BATCH, accumulate = false, gradientNorm = false } = {}): TrainingStep {
  return trainingStep(forward(batch, !accumulate), {
    loss: 'loss',
    groups: [{ parameters: ['stem', 'deep', 'linear'] }],
    optimizer: { kind: 'adamw', weightDecay: 0.01 },
    accumulate,
    gradientNorm,
  });
}

/** The batch of a step, or some of its rows; it depends only on the step's number. */
export function smallBatch(step: number, from = 0, to = BATCH): Tensors {
  const size = 3 * SIZE ** 2;
  const x = numbers(BATCH * size, step).subarray(from * size, to * size);
  const y = numbers(BATCH, 1000 + step).subarray(from, to);
  return { x: floatTensor(x, [to - from, 3, SIZE, SIZE]), y: floatTensor(y, [to - from, 1]) };
}

/** Training of heads, which browsers do. */
export * from './heads/index.js';
