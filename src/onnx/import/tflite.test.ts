import * as tf from '@tensorflow/tfjs';
import { Builder } from 'flatbuffers';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeModel } from '../codec/index.js';
import type { Shape } from '../graph.js';
import { importTflite, type TfliteOptions } from './tflite.js';

// Files are written here with FlatBuffers' own builder, slot numbers from TensorFlow's schema.fbs, and hold one
// or two operators; TensorFlow.js's functions say what they compute.

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** An option of an operator: its slot, its kind and its value. */
type Option = readonly [
  slot: number,
  kind: 'int8' | 'int32' | 'float' | 'ints',
  value: number | readonly number[],
];

interface FileTensor {
  readonly shape: readonly number[];
  readonly data?: Float32Array | Int32Array | Uint16Array | Int8Array;
  /** A number of the schema's TensorType. */
  readonly type?: number;
  readonly scale?: number;
  readonly sparse?: boolean;
}

interface FileOperator {
  readonly code: number;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly options?: readonly Option[];
}

const FLOAT32 = 0;
const FLOAT16 = 1;
const INT32 = 2;
const INT8 = 9;

/** The bytes of a TFLite file. Tensor 0 is the input, the last operator's output the output. */
function file(tensors: readonly FileTensor[], operators: readonly FileOperator[]): Uint8Array {
  const b = new Builder(1024);
  const offsets = (values: readonly number[]) => {
    b.startVector(4, values.length, 4);
    for (const value of values.toReversed()) b.addOffset(value);
    return b.endVector();
  };
  const ints = (values: readonly number[]) => {
    b.startVector(4, values.length, 4);
    for (const value of values.toReversed()) b.addInt32(value);
    return b.endVector();
  };
  const buffers = [undefined, ...tensors.map((t) => t.data)].map((data) => {
    const bytes = data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
    const vector = bytes?.length ? b.createByteVector(bytes) : 0;
    b.startObject(1);
    if (vector) b.addFieldOffset(0, vector, 0);
    return b.endObject();
  });
  const tensorTables = tensors.map((t, i) => {
    const name = b.createString(`t${i}`);
    const shape = ints(t.shape);
    let quantization = 0;
    if (t.scale !== undefined) {
      b.startVector(4, 1, 4);
      b.addFloat32(t.scale);
      const scales = b.endVector();
      b.startObject(4);
      b.addFieldOffset(2, scales, 0);
      quantization = b.endObject();
    }
    let sparsity = 0;
    if (t.sparse) {
      b.startObject(1);
      sparsity = b.endObject();
    }
    b.startObject(8);
    b.addFieldOffset(0, shape, 0);
    b.addFieldInt8(1, t.type ?? (t.data instanceof Int32Array ? INT32 : FLOAT32), 0);
    b.addFieldInt32(2, i + 1, 0);
    b.addFieldOffset(3, name, 0);
    if (quantization) b.addFieldOffset(4, quantization, 0);
    if (sparsity) b.addFieldOffset(6, sparsity, 0);
    return b.endObject();
  });
  const codes = operators.map(({ code }) => {
    b.startObject(4);
    b.addFieldInt8(0, Math.min(code, 127), 0);
    b.addFieldInt32(3, code, 0);
    return b.endObject();
  });
  const operatorTables = operators.map((operator, i) => {
    const vectors = (operator.options ?? []).map(([, kind, value]) =>
      kind === 'ints' ? ints(value as number[]) : 0,
    );
    b.startObject(8);
    operator.options?.forEach(([slot, kind, value], k) => {
      // Fields at their default are left out by builders; what is written here is what the file says.
      if (kind === 'int8') b.addFieldInt8(slot, value as number, 0);
      else if (kind === 'int32') b.addFieldInt32(slot, value as number, 0);
      else if (kind === 'float') b.addFieldFloat32(slot, value as number, 0);
      else b.addFieldOffset(slot, vectors[k]!, 0);
    });
    const options = b.endObject();
    const inputs = ints(operator.inputs);
    const outputs = ints([operator.output]);
    b.startObject(9);
    b.addFieldInt32(0, i, 0);
    b.addFieldOffset(1, inputs, 0);
    b.addFieldOffset(2, outputs, 0);
    b.addFieldOffset(4, options, 0);
    return b.endObject();
  });
  const graph = {
    tensors: offsets(tensorTables),
    inputs: ints([0]),
    outputs: ints([operators.at(-1)!.output]),
    operators: offsets(operatorTables),
  };
  b.startObject(5);
  b.addFieldOffset(0, graph.tensors, 0);
  b.addFieldOffset(1, graph.inputs, 0);
  b.addFieldOffset(2, graph.outputs, 0);
  b.addFieldOffset(3, graph.operators, 0);
  const subgraph = b.endObject();
  const tables = { codes: offsets(codes), subgraphs: offsets([subgraph]), buffers: offsets(buffers) };
  b.startObject(5);
  b.addFieldInt32(0, 3, 0);
  b.addFieldOffset(1, tables.codes, 0);
  b.addFieldOffset(2, tables.subgraphs, 0);
  b.addFieldOffset(4, tables.buffers, 0);
  b.finish(b.endObject(), 'TFL3');
  return b.asUint8Array();
}

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Numbers in [−1, 1) that differ and are the same in every run. */
function values(shape: readonly number[], seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count(shape) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

const constant = (shape: readonly number[], seed = 5): FileTensor => ({ shape, data: values(shape, seed) });
const integers = (...data: number[]): FileTensor => ({ shape: [data.length], data: Int32Array.from(data) });
const of = ({ shape, data }: FileTensor) => tf.tensor(data as Float32Array, shape as number[]);

/**
 * Expects a file whose only operator takes `x` and some constants to compute what `expected` does.
 * @param options.free also with a batch of two and another size, which the importer must then leave free.
 */
async function expectResult(
  code: number,
  x: readonly number[],
  constants: readonly FileTensor[],
  options: readonly Option[],
  expected: (x: tf.Tensor) => tf.Tensor,
  { free = false, inputs }: { free?: boolean; inputs?: readonly number[] } = {},
): Promise<void> {
  const input = (shape: readonly number[]) => tf.tensor(values(shape, 9), shape as number[]);
  const result = expected(input(x));
  const output = constants.length + 1;
  const bytes = file(
    [{ shape: x }, ...constants, { shape: result.shape }],
    [{ code, inputs: inputs ?? [0, ...constants.map((_, i) => i + 1)], output, options }],
  );
  await expectModel(bytes, input(x), result);
  if (!free) return;
  const other = [2, x[1]! + 3, x[2]! + 4, x[3]!];
  const shapes = { inputShapes: { t0: ['N', x[3]!, 'H', 'W'] satisfies Shape } };
  await expectModel(bytes, input(other), expected(input(other)), shapes);
}

async function expectModel(bytes: Uint8Array, x: tf.Tensor, expected: tf.Tensor, options?: TfliteOptions) {
  const toImage = (t: tf.Tensor) => (t.rank === 4 ? tf.transpose(t, [0, 3, 1, 2]) : t);
  const model = importTflite(bytes, options);
  const session = await ort.InferenceSession.create(writeModel(model), {
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  const held = toImage(x);
  const found = await session.run({
    t0: new ort.Tensor('float32', held.dataSync() as Float32Array, held.shape),
  });
  const y = found[session.outputNames[0]!]!;
  const wanted = toImage(expected);
  expect([...y.dims]).toEqual(wanted.shape);
  const difference = tf.max(tf.abs(tf.sub(wanted, tf.tensor(y.data as Float32Array, wanted.shape))));
  expect(difference.dataSync()[0]).toBeLessThan(1e-4);
}

const SAME = 0;
const VALID = 1;
const PADDINGS = [
  ['SAME', SAME],
  ['VALID', VALID],
] as const;
const lower = (padding: number) => (padding === SAME ? 'same' : 'valid');

describe('convolution', () => {
  for (const [name, padding] of PADDINGS) {
    it.each([
      [1, [3, 3], [8, 9]],
      [2, [3, 3], [8, 9]],
      [2, [2, 2], [7, 8]],
      [3, [5, 3], [9, 7]],
      [2, [1, 1], [7, 8]],
    ] as const)(`CONV_2D ${name}, stride %i, kernel %j, size %j`, async (stride, kernel, size) => {
      const weights = constant([4, ...kernel, 3]);
      const bias = constant([4], 6);
      const options: Option[] = [
        [0, 'int8', padding],
        [1, 'int32', stride],
        [2, 'int32', stride],
      ];
      await expectResult(
        3,
        [1, ...size, 3],
        [weights, bias],
        options,
        (x) => {
          const w = tf.transpose(of(weights), [1, 2, 3, 0]) as tf.Tensor4D;
          return tf.add(tf.conv2d(x as tf.Tensor4D, w, stride, lower(padding)), of(bias));
        },
        { free: true },
      );
    });

    it.each([1, 2])(`DEPTHWISE_CONV_2D ${name}, %i filters a channel`, async (multiplier) => {
      for (const stride of [1, 2]) {
        const weights = constant([1, 3, 3, 3 * multiplier]);
        const bias = constant([3 * multiplier], 6);
        const options: Option[] = [
          [0, 'int8', padding],
          [1, 'int32', stride],
          [2, 'int32', stride],
          [3, 'int32', multiplier],
        ];
        await expectResult(
          4,
          [1, 8, 9, 3],
          [weights, bias],
          options,
          (x) => {
            const w = tf.reshape(of(weights), [3, 3, 3, multiplier]) as tf.Tensor4D;
            return tf.add(tf.depthwiseConv2d(x as tf.Tensor4D, w, stride, lower(padding)), of(bias));
          },
          { free: true },
        );
      }
    });

    it(`dilates with ${name} padding`, async () => {
      const weights = constant([2, 3, 3, 3]);
      const options: Option[] = [
        [0, 'int8', padding],
        [1, 'int32', 1],
        [2, 'int32', 1],
        [4, 'int32', 2],
        [5, 'int32', 3],
      ];
      await expectResult(
        3,
        [1, 9, 10, 3],
        [weights],
        options,
        (x) => {
          const w = tf.transpose(of(weights), [1, 2, 3, 0]) as tf.Tensor4D;
          return tf.conv2d(x as tf.Tensor4D, w, 1, lower(padding), 'NHWC', [3, 2]);
        },
        { free: true },
      );
    });

    it.each([
      [2, [3, 3]],
      [2, [2, 2]],
      [3, [2, 2]],
    ] as const)(`TRANSPOSE_CONV ${name}, stride %i, kernel %j`, async (stride, kernel) => {
      const weights = constant([2, ...kernel, 3]);
      const grown = [5, 6].map(
        (d, i) => d * stride + (padding === VALID ? Math.max(kernel[i]! - stride, 0) : 0),
      );
      const shape = [1, ...grown, 2] as [number, number, number, number];
      const options: Option[] = [
        [0, 'int8', padding],
        [1, 'int32', stride],
        [2, 'int32', stride],
      ];
      await expectResult(
        67,
        [1, 5, 6, 3],
        [integers(...shape), weights],
        options,
        (x) => {
          const w = tf.transpose(of(weights), [1, 2, 0, 3]) as tf.Tensor4D;
          return tf.conv2dTranspose(x as tf.Tensor4D, w, shape, stride, lower(padding));
        },
        { inputs: [1, 2, 0] },
      );
    });
  }

  it.each([
    [1, 'RELU', (x: tf.Tensor) => tf.relu(x)],
    [2, 'RELU_N1_TO_1', (x: tf.Tensor) => tf.clipByValue(x, -1, 1)],
    [3, 'RELU6', (x: tf.Tensor) => tf.relu6(x)],
    [4, 'TANH', (x: tf.Tensor) => tf.tanh(x)],
  ] as const)('fuses activation function %i, %s', async (number, _, activation) => {
    const added = constant([3]);
    const far = { ...added, data: (added.data as Float32Array).map((v) => v * 8) };
    await expectResult(0, [1, 4, 5, 3], [far], [[0, 'int8', number]], (x) => activation(tf.add(x, of(far))));
  });

  it('widens weights that the file stores as float16', async () => {
    const stored: FileTensor = { shape: [1, 1, 1, 2], data: Uint16Array.of(0x3c00, 0xb555), type: FLOAT16 };
    const bytes = file(
      [{ shape: [1, 3, 4, 2] }, stored, { shape: [1, 1, 1, 2] }, { shape: [1, 3, 4, 1] }],
      [
        { code: 6, inputs: [1], output: 2 },
        {
          code: 3,
          inputs: [0, 2],
          output: 3,
          options: [
            [1, 'int32', 1],
            [2, 'int32', 1],
          ],
        },
      ],
    );
    const x = tf.tensor(values([1, 3, 4, 2]), [1, 3, 4, 2]);
    await expectModel(bytes, x, tf.sum(tf.mul(x, tf.tensor1d([1, -0.333251953125])), 3, true));
  });
});

describe('pooling', () => {
  for (const [name, padding] of PADDINGS) {
    it.each([1, 2])(`${name}, stride %i`, async (stride) => {
      const options: Option[] = [
        [0, 'int8', padding],
        [1, 'int32', stride],
        [2, 'int32', stride],
        [3, 'int32', 2],
        [4, 'int32', 3],
      ];
      const shape = [1, 7, 8, 2];
      await expectResult(
        17,
        shape,
        [],
        options,
        (x) => tf.maxPool(x as tf.Tensor4D, [3, 2], stride, lower(padding)),
        { free: true },
      );
      await expectResult(
        1,
        shape,
        [],
        options,
        (x) => tf.avgPool(x as tf.Tensor4D, [3, 2], stride, lower(padding)),
        { free: true },
      );
    });
  }
});

describe('padding and resizing', () => {
  const amounts = [
    [0, 0],
    [1, 2],
    [0, 1],
    [0, 3],
  ] as [number, number][];
  const matrix: FileTensor = { shape: [4, 2], data: Int32Array.from(amounts.flat()) };

  it('PAD of channels and borders, PADV2 with a value', async () => {
    await expectResult(34, [1, 4, 5, 2], [matrix], [], (x) => tf.pad(x, amounts), { free: true });
    const value: FileTensor = { shape: [1], data: Float32Array.of(0.5) };
    await expectResult(60, [1, 4, 5, 2], [matrix, value], [], (x) => tf.pad(x, amounts, 0.5), { free: true });
  });

  it.each([
    ['half pixels', 0, 1],
    ['aligned corners', 1, 0],
    ['neither', 0, 0],
  ] as const)('RESIZE_BILINEAR with %s', async (_, align, half) => {
    const resized = (size: [number, number]) => (x: tf.Tensor) =>
      tf.image.resizeBilinear(x as tf.Tensor4D, size, align === 1, half === 1);
    const options: Option[] = [
      [2, 'int8', align],
      [3, 'int8', half],
    ];
    await expectResult(23, [1, 4, 5, 2], [integers(7, 3)], options, resized([7, 3]));
    // A whole factor is right for other sizes too.
    await expectResult(
      23,
      [1, 4, 5, 2],
      [integers(8, 10)],
      options,
      (x) => resized([x.shape[1]! * 2, x.shape[2]! * 2])(x),
      { free: true },
    );
  });

  it('RESIZE_NEAREST_NEIGHBOR', async () => {
    await expectResult(97, [1, 4, 5, 2], [integers(7, 9)], [], (x) =>
      tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [7, 9]),
    );
  });
});

describe('shapes', () => {
  it('RESHAPE keeps the order of NHWC, and follows a batch and a size that are free', async () => {
    const shape = (x: tf.Tensor) => [x.shape[0]!, x.shape[1]! * x.shape[2]! * 2, 3];
    await expectResult(22, [1, 4, 5, 6], [integers(1, 40, 3)], [], (x) => tf.reshape(x, shape(x)), {
      free: true,
    });
    await expectResult(22, [1, 4, 5, 6], [integers(1, 120)], [], (x) => tf.reshape(x, [x.shape[0]!, -1]), {
      free: true,
    });
  });

  it('refuses a RESHAPE that does not say what follows a free size', () => {
    const bytes = file(
      [{ shape: [1, 4, 5, 6] }, integers(1, 4, 30), { shape: [1, 4, 30] }],
      [{ code: 22, inputs: [0, 1], output: 2 }],
    );
    expect(() => importTflite(bytes, { inputShapes: { t0: [1, 6, 'H', 'W'] } })).toThrow(
      "RESHAPE 't2' cannot be imported: the shape [1, 4, 30] does not say",
    );
  });

  it.each([1, 2, 3, -1])('CONCATENATION along axis %i', async (axis) => {
    const other = constant([1, 3, 4, 2]);
    await expectResult(2, [1, 3, 4, 2], [other], [[0, 'int32', axis]], (x) =>
      tf.concat([x, of(other)], (axis + 4) % 4),
    );
  });

  it.each([0, 1])('MEAN over height and width, keeping dimensions %i', async (keep) => {
    await expectResult(
      40,
      [1, 3, 4, 2],
      [integers(1, 2)],
      [[0, 'int8', keep]],
      (x) => tf.mean(x, [1, 2], keep === 1),
      { free: true },
    );
    await expectResult(40, [1, 3, 4, 2], [integers(1)], [[0, 'int8', keep]], (x) =>
      tf.mean(x, 1, keep === 1),
    );
  });

  it('TRANSPOSE, SQUEEZE and DEPTH_TO_SPACE', async () => {
    await expectResult(39, [1, 2, 3, 4], [integers(0, 3, 1, 2)], [], (x) => tf.transpose(x, [0, 3, 1, 2]));
    await expectResult(43, [1, 1, 1, 4], [], [[0, 'ints', [1, 2]]], (x) => tf.squeeze(x, [1, 2]));
    await expectResult(5, [1, 2, 3, 8], [], [[0, 'int32', 2]], (x) => tf.depthToSpace(x as tf.Tensor4D, 2), {
      free: true,
    });
  });
});

describe('element-wise operators and dense layers', () => {
  it.each([
    ['ADD', 0, tf.add],
    ['MUL', 18, tf.mul],
    ['SUB', 41, tf.sub],
    ['DIV', 42, tf.div],
    ['MAXIMUM', 55, tf.maximum],
    ['MINIMUM', 57, tf.minimum],
  ] as const)('%s with a constant for each channel', async (_, code, op) => {
    const c = constant([3]);
    await expectResult(code, [1, 4, 5, 3], [c], [], (x) => op(x, of(c)), { free: true });
  });

  it.each([
    ['LOGISTIC', 14, (x: tf.Tensor) => tf.sigmoid(x)],
    ['RELU', 19, (x: tf.Tensor) => tf.relu(x)],
    ['RELU6', 21, (x: tf.Tensor) => tf.relu6(x)],
    ['TANH', 28, (x: tf.Tensor) => tf.tanh(x)],
    ['HARD_SWISH', 117, (x: tf.Tensor) => tf.div(tf.mul(x, tf.relu6(tf.add(x, 3))), 6)],
  ] as const)('%s', async (_, code, op) => {
    await expectResult(code, [1, 4, 5, 3], [], [], op, { free: true });
  });

  it('LEAKY_RELU, PRELU and SOFTMAX with a temperature', async () => {
    await expectResult(98, [1, 4, 5, 3], [], [[0, 'float', 0.25]], (x) => tf.leakyRelu(x, 0.25));
    const slope = constant([1, 1, 3]);
    await expectResult(54, [1, 4, 5, 3], [slope], [], (x) => tf.prelu(x, of(slope)), { free: true });
    await expectResult(25, [2, 5], [], [[0, 'float', 1]], (x) => tf.softmax(x));
    await expectResult(25, [1, 2, 3, 5], [], [[0, 'float', 2]], (x) => tf.softmax(tf.mul(x, 2)));
  });

  it('FULLY_CONNECTED flattens an image in the order of NHWC', async () => {
    const weights = constant([3, 24]);
    const bias = constant([3], 2);
    await expectResult(9, [1, 3, 4, 2], [weights, bias], [[0, 'int8', 1]], (x) =>
      tf.relu(tf.add(tf.matMul(tf.reshape(x, [1, 24]), of(weights), false, true), of(bias))),
    );
  });
});

describe('what cannot be imported', () => {
  const image: FileTensor = { shape: [1, 4, 4, 2] };

  it('names an operator without a translation', () => {
    const lstm = file([image, image], [{ code: 16, inputs: [0], output: 1 }]);
    expect(() => importTflite(lstm)).toThrow("Operator LSTM 't1' cannot be imported");
    const later = file([image, image], [{ code: 151, inputs: [0], output: 1 }]);
    expect(() => importTflite(later)).toThrow("Operator number 151 't1'");
  });

  it('names an option without a translation', () => {
    const bytes = file(
      [image, image, image],
      [{ code: 0, inputs: [0, 1], output: 2, options: [[0, 'int8', 5]] }],
    );
    expect(() => importTflite(bytes)).toThrow('activation function SIGN_BIT is not supported');
  });

  it('refuses quantised and sparse tensors', () => {
    const quantised: FileTensor = { shape: [2], data: Int8Array.of(1, 2), type: INT8, scale: 0.5 };
    const add = [{ code: 0, inputs: [0, 1], output: 2 }];
    expect(() => importTflite(file([image, quantised, image], add))).toThrow("Tensor 't1' is quantised");
    const sparse: FileTensor = { shape: [2], data: Float32Array.of(1, 2), sparse: true };
    expect(() => importTflite(file([image, sparse, image], add))).toThrow("Tensor 't1' is sparse");
  });

  it('shows a file that is not one and one that is cut short', () => {
    const whole = file([image, constant([2]), image], [{ code: 0, inputs: [0, 1], output: 2 }]);
    expect(() => importTflite(new Uint8Array(64))).toThrow('not a TFLite file');
    for (const length of [12, 40, 100, whole.length >> 1]) {
      expect(() => importTflite(whole.subarray(0, length)), `${length} bytes`).toThrow(
        /damaged|holds no graph|found 0/,
      );
    }
  });

  it('refuses an input shape of other channels, rank or name', () => {
    const bytes = file([image, image], [{ code: 19, inputs: [0], output: 1 }]);
    expect(() => importTflite(bytes, { inputShapes: { t0: [1, 3, 4, 4] } })).toThrow(
      "'t0' has 2 channels, found 3",
    );
    expect(() => importTflite(bytes, { inputShapes: { t0: [1, 2] } })).toThrow(
      "'t0' has 4 dimensions, found 2",
    );
    expect(() => importTflite(bytes, { inputShapes: { x: [1, 2, 4, 4] } })).toThrow(
      "no input 'x'; it has t0",
    );
  });

  it('refuses an output that is missing', () => {
    const bytes = file([image, image], [{ code: 19, inputs: [0], output: 1 }]);
    expect(() => importTflite(bytes, { outputs: ['y'] })).toThrow("no value 'y'");
  });
});
