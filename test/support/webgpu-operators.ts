/** Operators that ONNX Runtime's WebGPU provider lacks or gets wrong, each an output of one graph. */
import {
  elementCount,
  float32,
  GraphBuilder,
  type Model,
  type Tensor,
  type Value,
} from '../../src/onnx/index.js';
import { noise } from './execute.js';

export function webGpuOperators(): { readonly model: Model; readonly inputs: readonly Tensor[] } {
  const g = new GraphBuilder({ name: 'operators' });
  const inputs: Tensor[] = [];
  const input = (dims: readonly number[], values = noise(elementCount(dims), inputs.length + 1)): Value => {
    const name = `input${inputs.length}`;
    inputs.push(float32(name, dims, values));
    return g.input(name, 'float32', dims);
  };
  const positive = (dims: readonly number[]) =>
    input(
      dims,
      noise(elementCount(dims), inputs.length + 1).map((v) => 1.5 + v),
    );
  const matrix = input([3, 10]);
  const image = input([2, 6, 5, 5]);
  const slice = (start: number, end: number, axis: number, step: number) =>
    g.op('Slice', [matrix, ...[start, end, axis, step].map((v) => g.ints([v]))]);
  const strided = { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] };
  const outputs: Record<string, Value> = {
    logSoftmax: g.op('LogSoftmax', [g.op('Mul', [matrix, g.scalar(200)])], { axis: 0 }),
    mean: g.op('Mean', [matrix, input([10]), input([3, 1])]),
    sum: g.op('Sum', [matrix, input([10]), input([3, 1])]),
    sumOfOne: g.op('Sum', [matrix]),
    sign: g.op('Sign', [input([4], Float32Array.of(-2, 0, 3, -0))]),
    power: g.op('Pow', [positive([2, 3, 4]), input([3, 1])]),
    powerOfBoth: g.op('Pow', [positive([2, 1, 4]), input([3, 1])]),
    square: g.op('Pow', [matrix, g.scalar(2)]),
    backwards: slice(8, 1, 1, -3),
    backwardsFromTheEnd: slice(-2, -9, -1, -1),
    backwardsToTheFirst: slice(99, -99, 1, -2),
    fromBeforeTheFirst: slice(-99, -100, 0, -1),
    grouped: g.op('ConvTranspose', [image, input([6, 1, 3, 3])], { ...strided, group: 3 }),
    groupedWithBias: g.op('ConvTranspose', [image, input([6, 1, 3, 3]), input([2])], {
      ...strided,
      group: 2,
    }),
    depthwise: g.op('ConvTranspose', [image, input([6, 1, 3, 3])], { ...strided, group: 6 }),
  };
  const window = { kernel_shape: [3, 2], strides: [2, 3], pads: [1, 0, 2, 1], ceil_mode: 1 };
  for (const op of ['MaxPool', 'AveragePool'] as const) {
    const pooled = g.op(op, [input([2, 3, 8, 9])], window);
    outputs[`${op}RoundedUp`] = g.op('Mul', [pooled, input(pooled.shape as number[])]);
  }
  for (const [name, value] of Object.entries(outputs)) g.output(value, name);
  return { model: g.build(), inputs };
}
