/** Gradients against TensorFlow.js, whose rules were written by others. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute, noise } from '../../test/support/execute.js';
import { lowerToStandard } from '../lowering/standard/index.js';
import { float32, GraphBuilder, type Tensor, tensor, type Value } from '../onnx/index.js';
import { gradients } from './index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

interface Comparison {
  readonly inputs: readonly (readonly number[])[];
  readonly range?: readonly [low: number, high: number];
  readonly onnx: (g: GraphBuilder, ...values: Value[]) => Value;
  readonly tfjs: (...values: tf.Tensor[]) => tf.Tensor;
}

/** Compares the gradients of Σ y·p for all inputs, with p random, and y itself. */
async function compare({ inputs, range = [-1, 1], onnx, tfjs }: Comparison): Promise<void> {
  const count = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);
  const [low, high] = range;
  const data: Tensor[] = inputs.map((dims, i) =>
    float32(
      `x${i}`,
      dims,
      noise(count(dims), i + 1).map((v) => low + ((v + 1) / 2) * (high - low)),
    ),
  );
  const g = new GraphBuilder();
  const values = data.map(({ name, dims }) => g.input(name, 'float32', dims));
  const y = onnx(g, ...values);
  const p = float32('p', y.shape as number[], noise(count(y.shape as number[]), 99));
  const weighted = g.op('Mul', [y, g.input('p', 'float32', p.dims)]);
  const found = gradients(g, g.op('ReduceSum', [weighted], { keepdims: 0 }), values);
  g.output(y, 'y');
  found.forEach((value, i) => {
    g.output(value, `d${i}`);
  });
  const ours = await execute(lowerToStandard(g.build()), [...data, p]);

  const numbers = (t: Tensor) =>
    new Float32Array(t.data.buffer as ArrayBuffer, t.data.byteOffset, count(t.dims));
  const theirs = tf.tidy(() => {
    const arguments_ = data.map((t) => tf.tensor(numbers(t), [...t.dims]));
    const seed = tf.tensor(numbers(p), [...p.dims]);
    return [tfjs(...arguments_), ...tf.grads(tfjs)(arguments_, seed)].map((t) => Array.from(t.dataSync()));
  });
  theirs.forEach((expected, i) => {
    const actual = Array.from(ours.get(i === 0 ? 'y' : `d${i - 1}`)!.values, Number);
    const largest = Math.max(1, ...expected.map(Math.abs));
    expect(actual).toHaveLength(expected.length);
    actual.forEach((v, k) => {
      expect(Math.abs(v - expected[k]!) / largest).toBeLessThan(2e-5);
    });
  });
}

const last = (x: tf.Tensor): tf.Tensor4D => x.transpose([0, 2, 3, 1]);
const first = (x: tf.Tensor): tf.Tensor4D => x.transpose([0, 3, 1, 2]);
const kernel = (w: tf.Tensor): tf.Tensor4D => w.transpose([2, 3, 1, 0]);

describe('gradients as those of TensorFlow.js', () => {
  it.each([
    { strides: [1, 1], pads: [1, 1, 1, 1] },
    { strides: [2, 2], pads: [1, 0, 1, 2] },
    { strides: [2, 1], pads: [0, 0, 0, 0] },
  ])('Conv %j', async ({ strides, pads }) => {
    const [top, left, bottom, right] = pads as [number, number, number, number];
    await compare({
      inputs: [[2, 3, 7, 6], [4, 3, 3, 2], [4]],
      onnx: (g, x, w, b) => g.op('Conv', [x, w, b], { strides, pads }),
      tfjs: (x, w, b) => {
        const around = [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ] as const;
        const y = tf.conv2d(last(x!), kernel(w!), strides as [number, number], around as never);
        return first(y.add(b!));
      },
    });
  });

  it.each(['SAME_UPPER', 'VALID'])('Conv with padding %s', async (auto_pad) => {
    await compare({
      inputs: [
        [2, 3, 8, 7],
        [4, 3, 3, 3],
      ],
      onnx: (g, x, w) => g.op('Conv', [x, w], { strides: [2, 2], auto_pad }),
      tfjs: (x, w) => first(tf.conv2d(last(x!), kernel(w!), 2, auto_pad === 'VALID' ? 'valid' : 'same')),
    });
  });

  it.each([1, 2])('depthwise Conv with stride %i', async (stride) => {
    await compare({
      inputs: [
        [2, 4, 6, 7],
        [4, 1, 3, 3],
      ],
      onnx: (g, x, w) =>
        g.op('Conv', [x, w], { strides: [stride, stride], auto_pad: 'SAME_UPPER', group: 4 }),
      tfjs: (x, w) => first(tf.depthwiseConv2d(last(x!), w!.transpose([2, 3, 0, 1]), stride, 'same')),
    });
  });

  it('ConvTranspose', async () => {
    await compare({
      inputs: [
        [2, 3, 4, 5],
        [3, 2, 3, 3],
      ],
      onnx: (g, x, w) =>
        g.op('ConvTranspose', [x, w], { strides: [2, 2], pads: [0, 0, 1, 1], output_padding: [0, 0] }),
      tfjs: (x, w) =>
        first(tf.conv2dTranspose(last(x!), w!.transpose([2, 3, 1, 0]), [2, 8, 10, 2], 2, 'same')),
    });
  });

  it('MaxPool and AveragePool', async () => {
    await compare({
      inputs: [[2, 3, 8, 7]],
      onnx: (g, x) => g.op('MaxPool', [x], { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' }),
      tfjs: (x) => first(tf.maxPool(last(x!), 3, 2, 'same')),
    });
    await compare({
      inputs: [[2, 3, 8, 6]],
      onnx: (g, x) => g.op('AveragePool', [x], { kernel_shape: [2, 3], strides: [2, 1] }),
      tfjs: (x) => first(tf.avgPool(last(x!), [2, 3], [2, 1], 'valid')),
    });
  });

  it('batch norm in training', async () => {
    await compare({
      inputs: [[3, 4, 5, 2], [4], [4]],
      onnx: (g, x, scale, bias) => {
        const idle = g.constant(float32('', [4], [0, 0, 0, 0]));
        const inputs = [x, scale, bias, idle, idle];
        return g.ops('BatchNormalization', 3, inputs, { training_mode: 1, epsilon: 1e-3 })[0];
      },
      tfjs: (x, scale, bias) => {
        const images = last(x!);
        const { mean, variance } = tf.moments(images, [0, 1, 2]);
        return first(
          tf.batchNorm(
            images,
            mean as tf.Tensor1D,
            variance as tf.Tensor1D,
            bias as never,
            scale as never,
            1e-3,
          ),
        );
      },
    });
  });

  it('LRN', async () => {
    await compare({
      inputs: [[2, 6, 3, 2]],
      onnx: (g, x) => g.op('LRN', [x], { size: 5, alpha: 0.5, beta: 0.75, bias: 1.2 }),
      tfjs: (x) => first(tf.localResponseNormalization(last(x!), 2, 1.2, 0.1, 0.75)),
    });
  });

  // Of square images only: TensorFlow.js 4.22 exchanges height and width in its gradient.
  it.each([true, false])('Resize, linear, corners aligned: %s', async (aligned) => {
    await compare({
      inputs: [[2, 3, 5, 5]],
      onnx: (g, x) =>
        g.op('Resize', [x, undefined, undefined, g.ints([2, 3, 8, 8])], {
          mode: 'linear',
          coordinate_transformation_mode: aligned ? 'align_corners' : 'asymmetric',
        }),
      tfjs: (x) => first(tf.image.resizeBilinear(last(x!), [8, 8], aligned)),
    });
  });

  it('Resize to the nearest', async () => {
    await compare({
      inputs: [[1, 2, 4, 3]],
      onnx: (g, x) =>
        g.op('Resize', [x, undefined, undefined, g.ints([1, 2, 8, 6])], {
          mode: 'nearest',
          coordinate_transformation_mode: 'asymmetric',
          nearest_mode: 'floor',
        }),
      tfjs: (x) => first(tf.image.resizeNearestNeighbor(last(x!), [8, 6])),
    });
  });

  it('MatMul of stacks', async () => {
    await compare({
      inputs: [
        [3, 2, 4],
        [3, 4, 5],
      ],
      onnx: (g, a, b) => g.op('MatMul', [a, b]),
      tfjs: (a, b) => tf.matMul(a!, b!),
    });
  });

  it('Gather with repeated indices', async () => {
    await compare({
      inputs: [[3, 4]],
      onnx: (g, x) =>
        g.op('Gather', [x, g.constant(tensor('', 'int64', [2, 3], [1, 1, 3, 0, 1, 3]))], { axis: 1 }),
      tfjs: (x) => tf.gather(x!, tf.tensor2d([1, 1, 3, 0, 1, 3], [2, 3], 'int32'), 1),
    });
  });

  const axis = -1;
  type Row = [name: string, onnx: Comparison['onnx'], tfjs: Comparison['tfjs'], range?: [number, number]];
  const alike: Row[] = [
    ['Softmax', (g, x) => g.op('Softmax', [x], { axis }), (x) => tf.softmax(x!)],
    ['LogSoftmax', (g, x) => g.op('LogSoftmax', [x], { axis }), (x) => tf.logSoftmax(x!)],
    ['Sigmoid', (g, x) => g.op('Sigmoid', [x]), (x) => tf.sigmoid(x!)],
    ['Tanh', (g, x) => g.op('Tanh', [x]), (x) => tf.tanh(x!)],
    ['Relu', (g, x) => g.op('Relu', [x]), (x) => tf.relu(x!)],
    ['LeakyRelu', (g, x) => g.op('LeakyRelu', [x], { alpha: 0.2 }), (x) => tf.leakyRelu(x!, 0.2)],
    ['Elu', (g, x) => g.op('Elu', [x]), (x) => tf.elu(x!)],
    ['Softplus', (g, x) => g.op('Softplus', [x]), (x) => tf.softplus(x!)],
    ['Erf', (g, x) => g.op('Erf', [x]), (x) => tf.erf(x!)],
    ['Abs', (g, x) => g.op('Abs', [x]), (x) => tf.abs(x!)],
    ['Sqrt', (g, x) => g.op('Sqrt', [x]), (x) => tf.sqrt(x!), [0.2, 2]],
    ['Log', (g, x) => g.op('Log', [x]), (x) => tf.log(x!), [0.2, 2]],
    ['Reciprocal', (g, x) => g.op('Reciprocal', [x]), (x) => tf.reciprocal(x!), [0.3, 2]],
    [
      'Clip',
      (g, x) => g.op('Clip', [x, g.scalar(-0.5), g.scalar(0.4)]),
      (x) => tf.clipByValue(x!, -0.5, 0.4),
    ],
    [
      'Clip between 0 and 6',
      (g, x) => g.op('Clip', [x, g.scalar(0), g.scalar(6)]),
      (x) => tf.relu6(x!),
      [-4, 10],
    ],
    ['ReduceMean', (g, x) => g.op('ReduceMean', [x, g.ints([0])]), (x) => tf.mean(x!, 0, true)],
    ['ReduceMax', (g, x) => g.op('ReduceMax', [x, g.ints([1])], { keepdims: 0 }), (x) => tf.max(x!, 1)],
    [
      'ReduceLogSumExp',
      (g, x) => g.op('ReduceLogSumExp', [x, g.ints([1])]),
      (x) => tf.logSumExp(x!, 1, true),
    ],
    // TensorFlow.js has no gradient of a strided slice; its pieces, one by one, have.
    [
      'Slice',
      (g, x) => g.op('Slice', [x, g.ints([-1]), g.ints([-4]), g.ints([1]), g.ints([-2])]),
      (x) => tf.concat([x!.slice([0, 3], [3, 1]), x!.slice([0, 1], [3, 1])], 1),
    ],
    ['Tile', (g, x) => g.op('Tile', [x, g.ints([2, 3])]), (x) => tf.tile(x!, [2, 3])],
    [
      'Pad by reflection',
      (g, x) => g.op('Pad', [x, g.ints([0, 2, 0, 0])], { mode: 'reflect' }),
      (x) => tf.concat([x!.slice([0, 1], [3, 2]).reverse(1), x!], 1),
    ],
  ];

  it.each([...alike])('%s', async (_, onnx, tfjs, range) => {
    await compare({ inputs: [[3, 4]], onnx, tfjs, ...(range ? { range } : {}) });
  });

  it.each([
    ['Add', tf.add],
    ['Sub', tf.sub],
    ['Mul', tf.mul],
    ['Div', tf.div],
    ['Pow', tf.pow],
  ] as const)('%s under broadcasting', async (op, f) => {
    await compare({
      inputs: [
        [2, 3, 1],
        [3, 4],
      ],
      range: [0.3, 1.7],
      onnx: (g, a, b) => g.op(op, [a, b]),
      tfjs: (a, b) => f(a!, b!),
    });
  });

  // Of equal shapes only: TensorFlow.js 4.22 forgets to undo the broadcasting.
  it.each([
    ['Max', tf.maximum],
    ['Min', tf.minimum],
  ] as const)('%s', async (op, f) => {
    await compare({
      inputs: [
        [3, 4],
        [3, 4],
      ],
      onnx: (g, a, b) => g.op(op, [a, b]),
      tfjs: (a, b) => f(a!, b!),
    });
  });

  it('PRelu', async () => {
    await compare({
      inputs: [[3, 4], [4]],
      onnx: (g, x, slope) => g.op('PRelu', [x, slope]),
      tfjs: (x, slope) => tf.prelu(x!, slope!),
    });
  });
});
