import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeModel } from '../codec/index.js';
import type { Shape } from '../graph.js';
import { ImportError } from './errors.js';
import { importTfjs } from './tfjs.js';

// TensorFlow.js runs each graph model itself; ONNX Runtime runs what the importer makes of it.

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** A generator of numbers in [−1, 1) that are the same in every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const attr = {
  ints: (...values: number[]) => ({ list: { i: values.map(String) } }),
  int: (value: number) => ({ i: String(value) }),
  float: (value: number) => ({ f: value }),
  bool: (value: boolean) => ({ b: value }),
  string: (value: string) => ({ s: btoa(value) }),
  strings: (...values: string[]) => ({ list: { s: values.map((v) => btoa(v)) } }),
  type: (value: string) => ({ type: value }),
};

interface Constant {
  readonly shape: readonly number[];
  readonly dtype?: 'float32' | 'int32' | 'bool';
  readonly values?: readonly number[];
}

/** A graph model in the making: nodes in order, each named after its operator and place. */
class GraphModel {
  private readonly nodes: unknown[] = [];
  private readonly weights: { name: string; shape: readonly number[]; dtype: string }[] = [];
  private readonly bytes: Uint8Array[] = [];
  private readonly random = numbers(7);
  readonly inputs: { name: string; shape: readonly number[] }[] = [];

  input(shape: readonly number[], declared: readonly number[] = shape): string {
    const name = `input_${this.inputs.length}`;
    this.inputs.push({ name, shape });
    const dim = declared.map((size) => ({ size: String(size) }));
    this.nodes.push({
      name,
      op: 'Placeholder',
      attr: { dtype: attr.type('DT_FLOAT'), shape: { shape: { dim } } },
    });
    return name;
  }

  constant({ shape, dtype = 'float32', values }: Constant): string {
    const name = `constant_${this.weights.length}`;
    const elements = values ?? Array.from({ length: count(shape) }, this.random);
    const array =
      dtype === 'int32'
        ? Int32Array.from(elements)
        : dtype === 'bool'
          ? Uint8Array.from(elements)
          : Float32Array.from(elements);
    this.weights.push({ name, shape, dtype });
    this.bytes.push(new Uint8Array(array.buffer));
    const type = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' }[dtype];
    this.nodes.push({ name, op: 'Const', attr: { dtype: attr.type(type) } });
    return name;
  }

  /** Integers as a vector, or one as a scalar. */
  ints(values: readonly number[] | number): string {
    return typeof values === 'number'
      ? this.constant({ shape: [], dtype: 'int32', values: [values] })
      : this.constant({ shape: [values.length], dtype: 'int32', values });
  }

  node(op: string, input: readonly string[], attributes: Record<string, unknown> = {}): string {
    const name = `${op}_${this.nodes.length}`;
    this.nodes.push({ name, op, input, attr: { T: attr.type('DT_FLOAT'), ...attributes } });
    return name;
  }

  json(outputs: readonly string[]) {
    const signature = { outputs: Object.fromEntries(outputs.map((name) => [name, { name: `${name}:0` }])) };
    return {
      format: 'graph-model',
      modelTopology: { node: this.nodes, versions: {} },
      weightsManifest: [{ paths: ['weights.bin'], weights: this.weights }],
      signature,
    };
  }

  data(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.bytes));
  }
}

/** Expects TensorFlow.js and ONNX Runtime to agree on a model's outputs, whose names the callback returns. */
async function expectAgreement(
  write: (m: GraphModel) => string | string[],
  { free = false, tolerance = 1e-4 } = {},
): Promise<void> {
  const m = new GraphModel();
  const outputs = [write(m)].flat();
  const json = m.json(outputs);
  const inputShapes: Record<string, Shape> = {};
  if (free) for (const i of m.inputs) inputShapes[i.name] = ['N', i.shape[3]!, 'H', 'W'];
  const session = await ort.InferenceSession.create(writeModel(importTfjs(json, m.data(), { inputShapes })), {
    logSeverityLevel: 3,
  });
  const random = numbers(3);
  const feeds: Record<string, ort.Tensor> = {};
  const tensors: Record<string, tf.Tensor> = {};
  for (const { name, shape } of m.inputs) {
    const x = tf.tensor(Float32Array.from({ length: count(shape) }, random), shape as number[]);
    tensors[name] = x;
    const held = shape.length === 4 ? tf.transpose(x, [0, 3, 1, 2]) : x;
    feeds[name] = new ort.Tensor('float32', held.dataSync() as Float32Array, held.shape);
  }
  const found = await session.run(feeds);
  const data = m.data();
  const peer = await tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0]!.weights as unknown as tf.io.WeightsManifestEntry[],
      weightData: data.buffer as ArrayBuffer,
      format: 'graph-model',
      signature: json.signature,
    }),
  );
  const expected = [peer.execute(tensors, outputs)].flat() as tf.Tensor[];
  outputs.forEach((name, i) => {
    const y = expected[i]!.rank === 4 ? tf.transpose(expected[i]!, [0, 3, 1, 2]) : expected[i]!;
    expect([...found[name]!.dims]).toEqual(y.shape);
    const values = y.dataSync();
    const ours = found[name]!.data as Float32Array;
    let worst = 0;
    for (let k = 0; k < values.length; k++) worst = Math.max(worst, Math.abs(values[k]! - Number(ours[k])));
    expect(worst).toBeLessThan(tolerance);
  });
}

/** Both with the sizes of the input in the file and with them free. */
async function expectAgreementFixedAndFree(write: (m: GraphModel) => string | string[]): Promise<void> {
  await expectAgreement(write);
  await expectAgreement(write, { free: true });
}

interface WindowCase {
  readonly padding: string;
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly size: readonly [number, number];
}

/** Every padding with kernels and strides that are even and odd, on an odd and an even side. */
const WINDOWS: WindowCase[] = ['SAME', 'VALID'].flatMap((padding) =>
  (
    [
      [1, 1],
      [2, 2],
      [3, 3],
      [5, 3],
    ] as const
  ).flatMap((kernel) =>
    [1, 2, 3].map((stride) => ({ padding, kernel, stride, size: stride === 3 ? [8, 9] : [7, 8] }) as const),
  ),
);

const windowAttributes = ({ padding, stride }: { padding: string; stride: number }, dilation = 1) => ({
  padding: attr.string(padding),
  strides: attr.ints(1, stride, stride, 1),
  dilations: attr.ints(1, dilation, dilation, 1),
  data_format: attr.string('NHWC'),
});

describe('convolution', () => {
  it.each(WINDOWS)('Conv2D $padding $kernel stride $stride on $size', async (w) => {
    await expectAgreementFixedAndFree((m) =>
      m.node(
        'Conv2D',
        [m.input([2, ...w.size, 3]), m.constant({ shape: [...w.kernel, 3, 4] })],
        windowAttributes(w),
      ),
    );
  });

  it.each(WINDOWS.filter((w) => w.stride < 3))(
    'DepthwiseConv2dNative $padding $kernel stride $stride on $size, two filters a channel',
    async (w) => {
      await expectAgreementFixedAndFree((m) =>
        m.node(
          'DepthwiseConv2dNative',
          [m.input([1, ...w.size, 3]), m.constant({ shape: [...w.kernel, 3, 2] })],
          windowAttributes(w),
        ),
      );
    },
  );

  it.each(['SAME', 'VALID'])('dilates with %s padding', async (padding) => {
    for (const op of ['Conv2D', 'DepthwiseConv2dNative']) {
      await expectAgreementFixedAndFree((m) =>
        m.node(
          op,
          [m.input([1, 9, 10, 3]), m.constant({ shape: [3, 2, 3, 2] })],
          windowAttributes({ padding, stride: 1 }, 2),
        ),
      );
    }
  });

  it('takes explicit paddings', async () => {
    await expectAgreementFixedAndFree((m) =>
      m.node('Conv2D', [m.input([1, 6, 7, 2]), m.constant({ shape: [3, 3, 2, 3] })], {
        ...windowAttributes({ padding: 'EXPLICIT', stride: 2 }),
        explicit_paddings: attr.ints(0, 0, 1, 2, 0, 1, 0, 0),
      }),
    );
  });

  it.each([
    ['bias alone', ['BiasAdd'], 0],
    ['Relu', ['BiasAdd', 'Relu'], 0],
    ['Relu6', ['BiasAdd', 'Relu6'], 0],
    ['Elu', ['BiasAdd', 'Elu'], 0],
    ['Sigmoid', ['BiasAdd', 'Sigmoid'], 0],
    ['LeakyRelu', ['BiasAdd', 'LeakyRelu'], 0],
    ['Prelu', ['BiasAdd', 'Prelu'], 4],
  ] as const)('fuses %s', async (_, fused, slopes) => {
    for (const op of ['_FusedConv2D', 'FusedDepthwiseConv2dNative']) {
      // TensorFlow.js does not read the slope of this one and answers NaN.
      if (op !== '_FusedConv2D' && fused.includes('LeakyRelu' as never)) continue;
      await expectAgreementFixedAndFree((m) => {
        const weights = { shape: op === '_FusedConv2D' ? [3, 3, 2, 4] : [3, 3, 2, 2] };
        const inputs = [m.input([1, 6, 5, 2]), m.constant(weights), m.constant({ shape: [4] })];
        if (slopes) inputs.push(m.constant({ shape: [1, 1, slopes] }));
        return m.node(op, inputs, {
          ...windowAttributes({ padding: 'SAME', stride: 1 }),
          fused_ops: attr.strings(...fused),
          num_args: attr.int(inputs.length - 2),
          leakyrelu_alpha: attr.float(0.3),
        });
      });
    }
  });

  it.each([
    ['SAME', 2, [3, 3], [10, 12]],
    ['SAME', 2, [2, 2], [10, 12]],
    ['SAME', 3, [2, 5], [15, 18]],
    ['VALID', 2, [3, 4], [11, 14]],
  ] as const)('transposes with %s padding, stride %i, kernel %j', async (padding, stride, kernel, size) => {
    await expectAgreement((m) =>
      m.node(
        'Conv2DBackpropInput',
        [m.ints([1, ...size, 2]), m.constant({ shape: [...kernel, 2, 3] }), m.input([1, 5, 6, 3])],
        windowAttributes({ padding, stride }),
      ),
    );
  });
});

describe('pooling', () => {
  for (const op of ['MaxPool', 'AvgPool']) {
    it.each(WINDOWS.filter((w) => w.kernel[0] > 1))(
      `${op} $padding $kernel stride $stride on $size`,
      async (w) => {
        const write = (m: GraphModel) =>
          m.node(op, [m.input([1, ...w.size, 2])], {
            ...windowAttributes(w),
            ksize: attr.ints(1, ...w.kernel, 1),
          });
        await expectAgreement(write);
        // Refused: what ONNX Runtime pads there is less than nothing.
        const skips = w.padding === 'SAME' && w.kernel.some((k) => k < w.stride);
        const free = expectAgreement(write, { free: true });
        if (skips) await expect(free).rejects.toThrow('needs a fixed height and width');
        else await free;
      },
    );
  }
});

describe('element-wise operators', () => {
  it.each(['Add', 'AddV2', 'Sub', 'Mul', 'RealDiv', 'Maximum', 'Minimum', 'SquaredDifference'])(
    '%s broadcasts over an image',
    async (op) => {
      const shapes = [[1, 5, 4, 3], [3], [], [4, 3], [5, 1, 1], [1, 1, 1, 3]];
      for (const shape of shapes) {
        await expectAgreement((m) => {
          const x = m.input([2, 5, 4, 3]);
          const c = m.constant({
            shape,
            values: Array.from({ length: count(shape) }, (_, i) => 0.3 + i / 7),
          });
          return [m.node(op, [x, c]), m.node(op, [c, x])];
        });
      }
    },
  );

  it('broadcasts a vector that is no constant over an image', async () => {
    await expectAgreement((m) => m.node('Mul', [m.input([1, 3, 2, 4]), m.input([4])]));
  });

  it('BiasAdd adds to the channels', async () => {
    await expectAgreementFixedAndFree((m) =>
      m.node('BiasAdd', [m.input([1, 3, 4, 5]), m.constant({ shape: [5] })]),
    );
  });

  it.each(['Relu', 'Relu6', 'Elu', 'Sigmoid', 'Tanh', 'Exp', 'Abs', 'Neg', 'Square', 'Softplus', 'Softmax'])(
    '%s',
    async (op) => {
      await expectAgreementFixedAndFree((m) => m.node(op, [m.input([1, 3, 4, 5])]));
      await expectAgreement((m) => m.node(op, [m.input([3, 5])]));
    },
  );

  it.each(['Sqrt', 'Rsqrt', 'Log', 'Reciprocal'])('%s of positive numbers', async (op) => {
    await expectAgreement((m) => m.node(op, [m.node('Exp', [m.input([2, 3])])]));
  });

  it('LeakyRelu and Prelu', async () => {
    await expectAgreementFixedAndFree((m) =>
      m.node('LeakyRelu', [m.input([1, 3, 4, 2])], { alpha: attr.float(0.1) }),
    );
    await expectAgreement((m) => m.node('Prelu', [m.input([1, 3, 4, 2]), m.constant({ shape: [1, 1, 2] })]));
  });

  it('normalises a batch by stored statistics', async () => {
    await expectAgreementFixedAndFree((m) => {
      const x = m.input([2, 3, 4, 3]);
      const [scale, offset, mean] = [0, 1, 2].map(() => m.constant({ shape: [3] }));
      const variance = m.constant({ shape: [3], values: [0.5, 1, 2] });
      return m.node('FusedBatchNormV3', [x, scale!, offset!, mean!, variance], {
        epsilon: attr.float(0.001),
        is_training: attr.bool(false),
        data_format: attr.string('NHWC'),
      });
    });
  });
});

describe('dense layers', () => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
  ])('MatMul with transposed x %s, weights %s', async (ta, tb) => {
    await expectAgreement((m) =>
      m.node('MatMul', [m.input(ta ? [4, 2] : [2, 4]), m.constant({ shape: tb ? [3, 4] : [4, 3] })], {
        transpose_a: attr.bool(ta),
        transpose_b: attr.bool(tb),
      }),
    );
  });

  it('_FusedMatMul with a bias and an activation function', async () => {
    await expectAgreement((m) =>
      m.node('_FusedMatMul', [m.input([2, 4]), m.constant({ shape: [4, 3] }), m.constant({ shape: [3] })], {
        transpose_a: attr.bool(false),
        transpose_b: attr.bool(false),
        fused_ops: attr.strings('BiasAdd', 'Relu'),
        num_args: attr.int(1),
      }),
    );
  });
});

describe('reductions', () => {
  for (const op of ['Mean', 'Max', 'Min', 'Sum', 'Prod']) {
    it.each([[[1, 2]], [[3]], [[-1, 1]], [[1]], [[0, 1, 2, 3]]])(
      `${op} of an image over %j`,
      async (axes) => {
        for (const keep of [true, false]) {
          await expectAgreement((m) =>
            m.node(op, [m.node('Relu', [m.input([2, 3, 4, 5])]), m.ints(axes)], {
              keep_dims: attr.bool(keep),
            }),
          );
        }
      },
    );
  }
});

describe('shapes', () => {
  it('flattens an image in the order of NHWC', async () => {
    await expectAgreementFixedAndFree((m) =>
      m.node('Reshape', [m.node('Relu', [m.input([2, 3, 4, 5])]), m.ints([2, -1])]),
    );
  });

  it('reshapes by sizes taken from the value itself', async () => {
    await expectAgreementFixedAndFree((m) => {
      const x = m.node('Relu', [m.input([2, 3, 4, 6])]);
      const batch = m.node('StridedSlice', [m.node('Shape', [x]), m.ints([0]), m.ints([1]), m.ints([1])], {
        shrink_axis_mask: attr.int(1),
      });
      const shape = m.node('Pack', [batch, m.ints(-1), m.ints(2)], {
        axis: attr.int(0),
        T: attr.type('DT_INT32'),
      });
      return m.node('Reshape', [x, shape]);
    });
  });

  it('goes from a flat value to an image and through a convolution', async () => {
    await expectAgreement((m) => {
      const x = m.node('Reshape', [m.input([2, 24]), m.ints([2, 4, 3, 2])]);
      return m.node(
        'Conv2D',
        [x, m.constant({ shape: [3, 3, 2, 3] })],
        windowAttributes({ padding: 'SAME', stride: 1 }),
      );
    });
  });

  it.each([[[1, 2]], [[2]], [[1]]])('squeezes %j of an image', async (axes) => {
    await expectAgreement((m) =>
      m.node('Squeeze', [m.node('Relu', [m.input([2, 1, 1, 5])])], { squeeze_dims: attr.ints(...axes) }),
    );
  });

  it('expands, transposes and packs', async () => {
    await expectAgreement((m) => m.node('ExpandDims', [m.input([2, 3]), m.ints(1)]));
    await expectAgreement((m) => m.node('Transpose', [m.input([1, 2, 3, 4]), m.ints([0, 2, 1, 3])]));
    await expectAgreement((m) => m.node('Pack', [m.input([2, 3]), m.input([2, 3])], { axis: attr.int(1) }));
  });

  it.each([1, 2, 3, -1])('concatenates images along axis %i', async (axis) => {
    const grown = (by: number) => [1, 3, 4, 5].map((d, i) => (i === (axis + 4) % 4 ? d + by : d));
    await expectAgreement((m) =>
      m.node('ConcatV2', [m.input(grown(0)), m.input(grown(2)), m.ints(axis)], { N: attr.int(2) }),
    );
  });

  it('splits evenly and by sizes', async () => {
    await expectAgreement((m) => {
      const name = m.node('Split', [m.ints(3), m.input([1, 2, 3, 6])], { num_split: attr.int(3) });
      return m.node('Sub', [name, `${name}:2`]);
    });
    await expectAgreement((m) => {
      const name = m.node('SplitV', [m.input([1, 2, 3, 6]), m.ints([1, 5]), m.ints(3)], {
        num_split: attr.int(2),
      });
      return m.node('Add', [name, `${name}:1`]);
    });
  });

  it('slices', async () => {
    await expectAgreement((m) =>
      m.node('Slice', [m.input([2, 5, 6, 3]), m.ints([0, 1, 2, 0]), m.ints([-1, 3, 2, 2])]),
    );
    await expectAgreement((m) =>
      m.node(
        'StridedSlice',
        [m.input([2, 5, 6, 3]), m.ints([0, -4, 5, 0]), m.ints([0, -1, 0, 2]), m.ints([1, 2, -2, 1])],
        { begin_mask: attr.int(1), end_mask: attr.int(5) },
      ),
    );
    await expectAgreement((m) =>
      m.node('StridedSlice', [m.input([2, 5, 6, 3]), m.ints([0, -1]), m.ints([2, 0]), m.ints([1, 1])], {
        shrink_axis_mask: attr.int(2),
      }),
    );
  });
});

describe('padding and resizing', () => {
  const paddings = [0, 0, 1, 2, 0, 3, 2, 1];
  const matrix = { shape: [4, 2], dtype: 'int32' as const, values: paddings };

  it('pads with zeros and with a value', async () => {
    await expectAgreementFixedAndFree((m) => m.node('Pad', [m.input([1, 4, 5, 3]), m.constant(matrix)]));
    await expectAgreementFixedAndFree((m) =>
      m.node('PadV2', [m.input([1, 4, 5, 3]), m.constant(matrix), m.constant({ shape: [], values: [0.75] })]),
    );
  });

  it('pads with zeros that count in a pooling', async () => {
    await expectAgreementFixedAndFree((m) => {
      const negative = m.node('Minimum', [m.input([1, 4, 5, 3]), m.constant({ shape: [], values: [-0.25] })]);
      return m.node('MaxPool', [m.node('Pad', [negative, m.constant(matrix)])], {
        ...windowAttributes({ padding: 'VALID', stride: 2 }),
        ksize: attr.ints(1, 3, 3, 1),
      });
    });
  });

  it('pads by mirroring without the border', async () => {
    await expectAgreement((m) =>
      m.node('MirrorPad', [m.input([1, 4, 5, 3]), m.constant(matrix)], { mode: attr.string('REFLECT') }),
    );
  });

  for (const op of ['ResizeBilinear', 'ResizeNearestNeighbor']) {
    it.each([
      [false, false],
      [true, false],
      [false, true],
    ])(`${op} with aligned corners %s, half pixels %s`, async (align, half) => {
      for (const size of [
        [8, 10],
        [3, 4],
        [7, 7],
      ]) {
        await expectAgreementFixedAndFree((m) =>
          m.node(op, [m.input([1, 4, 5, 2]), m.ints(size)], {
            align_corners: attr.bool(align),
            half_pixel_centers: attr.bool(half),
          }),
        );
      }
    });
  }

  it('spreads channels over space', async () => {
    await expectAgreementFixedAndFree((m) =>
      m.node('DepthToSpace', [m.input([1, 3, 2, 12])], {
        block_size: attr.int(2),
        data_format: attr.string('NHWC'),
      }),
    );
  });
});

describe('weights', () => {
  const read = (dtype: string, quantization: object | undefined, bytes: Uint8Array) => {
    const weights = [{ name: 'c', shape: [3], dtype, ...(quantization ? { quantization } : {}) }];
    const node = [
      {
        name: 'x',
        op: 'Placeholder',
        attr: { dtype: attr.type('DT_FLOAT'), shape: { shape: { dim: [{ size: '3' }] } } },
      },
      { name: 'c', op: 'Const' },
      { name: 'y', op: 'Mul', input: ['x', 'c'] },
    ];
    return importTfjs({ modelTopology: { node }, weightsManifest: [{ weights }] }, bytes);
  };

  it.each([
    ['uint8', Uint8Array.of(0, 10, 255)],
    ['uint16', Uint16Array.of(0, 10, 60000)],
  ])('widens %s as TensorFlow.js does', async (dtype, stored) => {
    const quantization = { dtype: dtype as 'uint8', scale: 0.25, min: -3 };
    const model = read('float32', quantization, new Uint8Array(stored.buffer));
    const constant = model.graph.initializers.get('c')!;
    const spec = { name: 'c', shape: [3], dtype: 'float32' as const, quantization };
    const expected = tf.io.decodeWeights(stored.buffer as ArrayBuffer, [spec]).c!.dataSync();
    expect([...new Float32Array(constant.data.slice().buffer)]).toEqual([...expected]);
  });

  it('widens float16', () => {
    const stored = Uint16Array.of(0x3c00, 0xc000, 0x3555);
    const model = read('float32', { dtype: 'float16' }, new Uint8Array(stored.buffer));
    const values = new Float32Array(model.graph.initializers.get('c')!.data.slice().buffer);
    expect([...values]).toEqual([1, -2, 0.333251953125]);
  });

  it('rejects bytes that are too few, naming the weight', () => {
    expect(() => read('float32', undefined, new Uint8Array(8))).toThrow(
      "Weight 'c' needs bytes 0 to 12, found 8",
    );
  });
});

describe('what cannot be imported', () => {
  const model = (write: (m: GraphModel) => string) => () => {
    const m = new GraphModel();
    const output = write(m);
    importTfjs(m.json([output]), m.data());
  };

  it.each([
    ['an operator', 'NonMaxSuppressionV3', (m: GraphModel) => m.node('NonMaxSuppressionV3', [m.input([4])])],
    [
      'a data format',
      'data format NCHW',
      (m: GraphModel) =>
        m.node('MaxPool', [m.input([1, 4, 4, 2])], {
          ...windowAttributes({ padding: 'SAME', stride: 1 }),
          ksize: attr.ints(1, 2, 2, 1),
          data_format: attr.string('NCHW'),
        }),
    ],
    [
      'a fused operator',
      'FusedBatchNorm',
      (m: GraphModel) =>
        m.node('_FusedConv2D', [m.input([1, 4, 4, 2]), m.constant({ shape: [1, 1, 2, 2] })], {
          ...windowAttributes({ padding: 'SAME', stride: 1 }),
          fused_ops: attr.strings('FusedBatchNorm'),
        }),
    ],
    [
      'a mirror with its border',
      'mode SYMMETRIC',
      (m: GraphModel) =>
        m.node(
          'MirrorPad',
          [m.input([2, 2]), m.constant({ shape: [2, 2], dtype: 'int32', values: [1, 1, 1, 1] })],
          {
            mode: attr.string('SYMMETRIC'),
          },
        ),
    ],
    ['an absent node', "no node 'nowhere'", (m: GraphModel) => m.node('Relu', ['nowhere'])],
  ] as const)('names %s', (_, message, write) => {
    expect(model(write)).toThrow(message);
  });

  it('names a cycle, and a shape that contradicts an operator', () => {
    const m = new GraphModel();
    const x = m.input([1, 4]);
    const y = m.node('Add', [x, 'later']);
    const json = m.json([y]) as { modelTopology: { node: object[] } };
    json.modelTopology.node.push({ name: 'later', op: 'Relu', input: [y] });
    expect(() => importTfjs(json, m.data())).toThrow(ImportError);
    expect(() => importTfjs(json, m.data())).toThrow(`a cycle through '${y}'`);
    const mixed = model((n) => n.node('Add', [n.input([1, 4]), n.input([1, 3])]));
    expect(mixed).toThrow(ImportError);
    expect(mixed).toThrow('shapes [1, 4] and [1, 3] do not broadcast');
  });

  it('follows a chain that is longer than the stack is deep', () => {
    const m = new GraphModel();
    let y = m.input([1, 4]);
    for (let i = 0; i < 20_000; i++) y = m.node('Relu', [y]);
    expect(importTfjs(m.json([y]), m.data()).graph.nodes).toHaveLength(1);
  });

  it('reports where JSON is no graph model', () => {
    expect(() => importTfjs({ modelTopology: {} }, new Uint8Array())).toThrow(
      'is not a TensorFlow.js graph model',
    );
  });

  it('refuses a shape for an input that the model lacks', () => {
    const m = new GraphModel();
    const y = m.node('Relu', [m.input([1, 2])]);
    expect(() => importTfjs(m.json([y]), m.data(), { inputShapes: { image: [1, 2] } })).toThrow(
      "no input 'image'",
    );
  });
});

it('leaves out what the chosen outputs do not need', () => {
  const m = new GraphModel();
  const x = m.input([1, 4]);
  const inner = m.node('Relu', [x]);
  m.node('NonMaxSuppressionV3', [inner]);
  const model = importTfjs(m.json([inner]), m.data(), { outputs: [inner] });
  expect(model.graph.nodes.map((n) => n.op)).toEqual(['Relu']);
});

it('holds an image throughout: no transposition between image operators', () => {
  const m = new GraphModel();
  const x = m.input([1, 8, 8, 3]);
  const conv = m.node(
    'Conv2D',
    [x, m.constant({ shape: [3, 3, 3, 3] })],
    windowAttributes({ padding: 'SAME', stride: 1 }),
  );
  const y = m.node('AddV2', [m.node('Relu', [conv]), x]);
  const pooled = m.node('Mean', [y, m.ints([1, 2])]);
  const ops = importTfjs(m.json([pooled]), m.data()).graph.nodes.map((n) => n.op);
  expect(ops).toEqual(['Conv', 'Relu', 'Add', 'ReduceMean']);
});

it('makes one limit of a chain of them, and no node of Identity', async () => {
  const write = (m: GraphModel) => {
    const x = m.node('Add', [m.input([2, 5]), m.constant({ shape: [5], values: [-9, 0, 3, 6, 9] })]);
    const low = m.constant({ shape: [], values: [0.5] });
    const high = m.constant({ shape: [], values: [6] });
    const limited = m.node('Maximum', [m.node('Minimum', [m.node('Relu', [x]), high]), low]);
    return m.node('Identity', [m.node('Identity', [limited])]);
  };
  const m = new GraphModel();
  const ops = importTfjs(m.json([write(m)]), m.data()).graph.nodes.map((n) => n.op);
  expect(ops).toEqual(['Add', 'Clip']);
  await expectAgreement(write);
});

it('keeps a limit that others read too', async () => {
  await expectAgreement((m) => {
    const relu = m.node('Relu', [m.input([2, 5])]);
    return m.node('Sub', [
      m.node('Relu6', [m.node('Mul', [relu, relu])]),
      m.node('Minimum', [relu, m.constant({ shape: [], values: [0.25] })]),
    ]);
  });
});
