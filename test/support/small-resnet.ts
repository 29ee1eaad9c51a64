/** A ResNet of two blocks with batch norm, max pooling and dropout, small enough for a GPU in software. */

import { type Optimizer, type TrainingStep, trainingStep } from '../../src/autodiff/index.js';
import type { Target } from '../../src/lowering/index.js';
import {
  elementCount,
  GraphBuilder,
  type Model,
  tensor,
  tensorValues,
  type Value,
} from '../../src/onnx/index.js';
import { floatData, floatTensor, type SessionOptions, type Tensors } from '../../src/runtime/index.js';
import { StepRunner } from '../../src/train/index.js';
import { noise, random } from './execute.js';

const [BATCH, SIZE, CLASSES, WIDTH] = [4, 16, 5, 8];
const STEPS = 20;

/** Trained as recipes train, with clipping and a moving average. */
export const OPTIMIZERS = {
  sgd: { optimizer: { kind: 'sgd', momentum: 0.9, nesterov: true, weightDecay: 5e-4 }, rate: 0.02 },
  adamw: { optimizer: { kind: 'adamw' }, rate: 2e-3 },
} as const satisfies Record<string, { optimizer: Optimizer; rate: number }>;

export type OptimizerName = keyof typeof OPTIMIZERS;

export interface Course {
  readonly losses: readonly number[];
  /** The state in the end by name. */
  readonly state: Readonly<Record<string, readonly number[]>>;
}

/** The losses of some steps, and what they lead to. Half way the state comes out and goes in again. */
export async function trainSmallResNet(
  name: OptimizerName,
  target: Target,
  options: SessionOptions,
): Promise<Course> {
  const { optimizer, rate } = OPTIMIZERS[name];
  const { forward, parameters } = smallResNet();
  const step = trainingStep(forward, {
    loss: 'loss',
    groups: [{ parameters }],
    optimizer,
    clipNorm: 5,
    averageDecay: 0.99,
  });
  const runner = await StepRunner.create(step, target, options);
  const losses: number[] = [];
  for (let number = 1; number <= STEPS; number++) {
    const { outputs } = await runner.update(batchOf(step, number), rate, number);
    losses.push(floatData(outputs.loss!)[0]!);
    if (number === STEPS / 2) runner.setState(await runner.getState());
  }
  const state = await runner.getState();
  await runner.dispose();
  return {
    losses,
    state: Object.fromEntries([...state].map(([key, t]) => [key, [...(tensorValues(t) as Float32Array)]])),
  };
}

function batchOf(step: TrainingStep, number: number): Tensors {
  const next = random(number);
  const target = new Float32Array(BATCH * CLASSES);
  for (let i = 0; i < BATCH; i++) target[i * CLASSES + Math.floor(next() * CLASSES)] = 1;
  const dropped = step.noise.map(({ name, shape }) => {
    const values = Float32Array.from({ length: elementCount(shape as number[]) }, next);
    return [name, floatTensor(values, shape as number[])] as const;
  });
  return {
    image: floatTensor(noise(BATCH * 3 * SIZE * SIZE, 500 + number), [BATCH, 3, SIZE, SIZE]),
    target: floatTensor(target, [BATCH, CLASSES]),
    ...Object.fromEntries(dropped),
  };
}

/** Inputs `image` and `target`, one-hot; output `loss`, the mean cross-entropy. */
function smallResNet(): { readonly forward: Model; readonly parameters: readonly string[] } {
  const g = new GraphBuilder({ name: 'small resnet' });
  const parameters: string[] = [];
  const parameter = (name: string, dims: readonly number[], values: Float32Array): Value => {
    parameters.push(name);
    return g.parameter(name, 'float32', dims, values);
  };
  const weight = (name: string, dims: readonly number[]): Value => {
    const count = dims.reduce((a, b) => a * b, 1);
    const bound = Math.sqrt((6 * dims[0]!) / count);
    return parameter(
      name,
      dims,
      noise(count, parameters.length + 1).map((v) => v * bound),
    );
  };
  const layer = (name: string, x: Value, outputs: number, kernel = 3, stride = 1): Value => {
    const pad = (kernel - 1) / 2;
    const w = weight(`${name}.weight`, [outputs, x.size(1), kernel, kernel]);
    const y = g.op('Conv', [x, w], { strides: [stride, stride], pads: [pad, pad, pad, pad] });
    const constant = (value: number) => new Float32Array(outputs).fill(value);
    const affine = [
      parameter(`${name}.scale`, [outputs], constant(1)),
      parameter(`${name}.bias`, [outputs], constant(0)),
    ];
    const running = [
      g.parameter(`${name}.mean`, 'float32', [outputs], constant(0)),
      g.parameter(`${name}.variance`, 'float32', [outputs], constant(1)),
    ];
    return g.ops('BatchNormalization', 3, [y, ...affine, ...running], { training_mode: 1, momentum: 0.9 })[0];
  };
  const relu = (x: Value) => g.op('Relu', [x]);

  const image = g.input('image', 'float32', [BATCH, 3, SIZE, SIZE]);
  const target = g.input('target', 'float32', [BATCH, CLASSES]);
  const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
  const stem = g.op('MaxPool', [relu(layer('stem', image, WIDTH))], window);
  const first = relu(g.op('Add', [layer('block1.b', relu(layer('block1.a', stem, WIDTH)), WIDTH), stem]));
  const outer = layer('block2.b', relu(layer('block2.a', first, 2 * WIDTH, 3, 2)), 2 * WIDTH);
  const second = relu(g.op('Add', [outer, layer('block2.skip', first, 2 * WIDTH, 1, 2)]));
  const pooled = g.op('Flatten', [g.op('GlobalAveragePool', [second])]);
  const dropped = g.op('Dropout', [pooled, g.scalar(0.3), g.constant(tensor('', 'bool', [], [1]))]);
  const bias = parameter('fc.bias', [CLASSES], new Float32Array(CLASSES));
  const logits = g.op('Gemm', [dropped, weight('fc.weight', [CLASSES, 2 * WIDTH]), bias], { transB: 1 });
  const likelihood = g.op('Mul', [g.op('LogSoftmax', [logits]), target]);
  const each = g.op('ReduceSum', [likelihood, g.ints([1])], { keepdims: 0 });
  g.output(g.op('Neg', [g.op('ReduceMean', [each], { keepdims: 0 })]), 'loss');
  return { forward: g.build(), parameters };
}
