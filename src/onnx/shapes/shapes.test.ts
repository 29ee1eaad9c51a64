/**
 * Every rule against ONNX Runtime: random applications of each operator are run, and the sizes and types that
 * come out compared with the inferred ones. The same applications are then inferred again with sizes hidden
 * behind names or unknown, and with constants turned into inputs: what inference still claims has to be true.
 */
import { describe, expect, it } from 'vitest';
import { execute, random } from '../../../test/support/execute.js';
import { type AttributeInput, float, floats } from '../attributes.js';
import type { DataType, Dim, Model, Tensor } from '../graph.js';
import { node } from '../node.js';
import { irVersionFor } from '../opsets.js';
import { elementCount, type NumericType, tensor } from '../tensor.js';
import { inferTypes } from './index.js';

interface Operand {
  readonly dtype: NumericType;
  readonly dims: readonly number[];
  readonly values?: readonly number[];
  readonly constant?: boolean;
}

interface Application {
  readonly inputs: readonly (Operand | undefined)[];
  readonly attributes?: Readonly<Record<string, AttributeInput | undefined>> | undefined;
  readonly outputs?: number;
}

/** Draws that a generator of applications makes. */
class Draw {
  private readonly next: () => number;
  constructor(seed: number) {
    this.next = random(seed);
  }
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }
  flag(): boolean {
    return this.next() < 0.5;
  }
  pick<T>(of: readonly T[]): T {
    return of[this.int(0, of.length - 1)]!;
  }
  times<T>(count: number, make: (i: number) => T): T[] {
    return Array.from({ length: count }, (_, i) => make(i));
  }
  dims(rank: number, low = 1, high = 5): number[] {
    return this.times(rank, () => this.int(low, high));
  }
  shuffled(count: number): number[] {
    const order = this.times(count, (i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.int(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
  /** Some of `rank` axes, at least one, some counted from the end. */
  axes(rank: number): number[] {
    return this.shuffled(rank)
      .slice(0, this.int(1, rank))
      .map((a) => (this.flag() ? a : a - rank));
  }
  axis(rank: number): number {
    return this.int(-rank, rank - 1);
  }
}

const x = (dims: readonly number[], dtype: NumericType = 'float32'): Operand => ({ dtype, dims });
const given = (values: readonly number[], dtype: NumericType = 'int64'): Operand => ({
  dtype,
  dims: [values.length],
  values,
  constant: true,
});
const scalar = (value: number, dtype: NumericType = 'int64'): Operand => ({
  dtype,
  dims: [],
  values: [value],
  constant: true,
});

type Generate = (d: Draw) => Application;

const unary: Generate = (d) => ({ inputs: [x(d.dims(d.int(0, 4)))] });

/** Shapes that broadcast together. */
function broadcastable(d: Draw, count: number): number[][] {
  const full = d.dims(d.int(0, 4));
  return d.times(count, () => full.slice(d.int(0, full.length)).map((s) => (d.flag() ? s : 1)));
}

const joined =
  (count: number, dtype: NumericType = 'float32'): Generate =>
  (d) => ({ inputs: broadcastable(d, count).map((dims) => x(dims, dtype)) });

function windowed(d: Draw, spatial: readonly number[]) {
  const rank = spatial.length;
  const kernel = d.times(rank, () => d.int(1, 3));
  const automatic = d.pick(['NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID']);
  return {
    kernel,
    attributes: {
      auto_pad: automatic,
      // ONNX Runtime refuses the negative padding that SAME means where a stride jumps over its window.
      strides: d.flag() ? kernel.map((k) => d.int(1, automatic.startsWith('SAME') ? k : 3)) : undefined,
      dilations: automatic === 'NOTSET' && d.flag() ? d.times(rank, () => d.int(1, 2)) : undefined,
      pads:
        automatic === 'NOTSET' && d.flag()
          ? d.times(2 * rank, (i) => d.int(0, kernel[i % rank]! - 1))
          : undefined,
    },
  };
}

const conv: Generate = (d) => {
  const spatial = d.dims(d.int(1, 2), 6, 11);
  const group = d.int(1, 3);
  const [ins, outs] = [group * d.int(1, 2), group * d.int(1, 2)];
  const { kernel, attributes } = windowed(d, spatial);
  const inputs = [x([d.int(1, 3), ins, ...spatial]), x([outs, ins / group, ...kernel])];
  if (d.flag()) inputs.push(x([outs]));
  return { inputs, attributes: { ...attributes, group, kernel_shape: d.flag() ? kernel : undefined } };
};

const transposedConv: Generate = (d) => {
  const spatial = d.dims(2, 4, 7);
  const group = d.int(1, 2);
  const [ins, outs] = [group * d.int(1, 2), d.int(1, 2)];
  const kernel = d.times(2, () => d.int(2, 3));
  const strides = d.times(2, () => d.int(1, 3));
  const attributes = {
    group,
    strides,
    pads: d.flag() ? d.times(4, () => d.int(0, 1)) : undefined,
    output_padding: d.flag() ? strides.map((s) => d.int(0, s - 1)) : undefined,
  };
  return { inputs: [x([1, ins, ...spatial]), x([ins, outs, ...kernel])], attributes };
};

const pool =
  (ceil: boolean, outputs = 1, dilated = true): Generate =>
  (d) => {
    const spatial = d.dims(d.int(1, 2), 6, 11);
    const { kernel, attributes } = windowed(d, spatial);
    return {
      inputs: [x([d.int(1, 2), d.int(1, 3), ...spatial])],
      attributes: {
        ...attributes,
        dilations: dilated ? attributes.dilations : undefined,
        kernel_shape: kernel,
        ceil_mode: ceil && attributes.auto_pad === 'NOTSET' ? d.int(0, 1) : undefined,
      },
      outputs,
    };
  };

const matMul: Generate = (d) => {
  const [m, k, n] = d.dims(3) as [number, number, number];
  const [p, q] = broadcastable(d, 2) as [number[], number[]];
  const [left, right] = [d.flag() ? [m] : [], d.flag() ? [n] : []];
  return {
    inputs: [
      x(left.length ? [...p.slice(0, 2), m, k] : [k]),
      x(right.length ? [...(left.length ? [] : q), k, n] : [k]),
    ],
  };
};

const gemm: Generate = (d) => {
  const [m, k, n] = d.dims(3) as [number, number, number];
  const [transA, transB] = [d.int(0, 1), d.int(0, 1)];
  const inputs = [x(transA ? [k, m] : [m, k]), x(transB ? [n, k] : [k, n])];
  if (d.flag()) inputs.push(x(d.pick([[n], [m, n], [1, n], [m, 1], []])));
  return { inputs, attributes: { transA, transB, alpha: float(0.5) } };
};

const fusedMatMul: Generate = (d) => {
  const { inputs, attributes } = gemm(d);
  return { inputs: inputs.slice(0, 2), attributes };
};

/** Axes as an input where `asInput`, else as an attribute. */
const reduce =
  (asInput: boolean): Generate =>
  (d) => {
    const dims = d.dims(d.int(1, 4));
    const axes = d.axes(dims.length);
    const keepdims = d.pick([undefined, 0, 1]);
    const all = d.int(0, 3) === 0;
    const attributes = { keepdims, axes: asInput || all ? undefined : axes };
    return { inputs: asInput && !all ? [x(dims), given(axes)] : [x(dims)], attributes };
  };

const argument: Generate = (d) => {
  const dims = d.dims(d.int(1, 4));
  return { inputs: [x(dims)], attributes: { axis: d.axis(dims.length), keepdims: d.int(0, 1) } };
};

const topK: Generate = (d) => {
  const dims = d.dims(d.int(1, 3));
  const axis = d.axis(dims.length);
  return { inputs: [x(dims), given([d.int(0, dims.at(axis)!)])], attributes: { axis }, outputs: 2 };
};

const axisLike: Generate = (d) => {
  const dims = d.dims(d.int(1, 4));
  return { inputs: [x(dims)], attributes: { axis: d.axis(dims.length) } };
};

const channels = (d: Draw) => {
  const dims = d.dims(d.int(3, 4));
  return { dims, per: x([dims[1]!]) };
};

const recurrent =
  (gates: number, outputs: number): Generate =>
  (d) => {
    const [seq, batch, input, hidden] = d.dims(4) as [number, number, number, number];
    const direction = d.pick(['forward', 'reverse', 'bidirectional']);
    const n = direction === 'bidirectional' ? 2 : 1;
    return {
      inputs: [x([seq, batch, input]), x([n, gates * hidden, input]), x([n, gates * hidden, hidden])],
      attributes: { direction, hidden_size: hidden },
      outputs,
    };
  };

const reshape: Generate = (d) => {
  const dims = d.dims(d.int(1, 4));
  const count = elementCount(dims);
  const factors: number[] = [];
  let rest = count;
  while (rest > 1 && factors.length < 3) {
    const divisors = d.times(rest, (i) => i + 1).filter((f) => rest % f === 0);
    const f = d.pick(divisors);
    factors.push(f);
    rest /= f;
  }
  factors.push(rest);
  if (d.flag()) factors[d.int(0, factors.length - 1)] = -1;
  const copied = d.flag() ? [0, -1] : factors;
  return { inputs: [x(dims), given(copied)] };
};

const squeeze =
  (asInput: boolean): Generate =>
  (d) => {
    const dims = d.dims(d.int(2, 4), 1, 3);
    const ones = dims.flatMap((s, i) => (s === 1 ? [d.flag() ? i : i - dims.length] : []));
    if (ones.length === 0 || d.int(0, 3) === 0) return { inputs: [x(dims)] };
    return asInput ? { inputs: [x(dims), given(ones)] } : { inputs: [x(dims)], attributes: { axes: ones } };
  };

const unsqueeze =
  (asInput: boolean): Generate =>
  (d) => {
    const dims = d.dims(d.int(0, 3));
    const rank = dims.length + d.int(1, 2);
    const axes = d
      .shuffled(rank)
      .slice(0, rank - dims.length)
      .map((a) => (d.flag() ? a : a - rank));
    return asInput ? { inputs: [x(dims), given(axes)] } : { inputs: [x(dims)], attributes: { axes } };
  };

const expand: Generate = (d) => {
  const [a, b] = broadcastable(d, 2) as [number[], number[]];
  return { inputs: [x(a), given(b)] };
};

const tile: Generate = (d) => {
  const dims = d.dims(d.int(1, 3));
  return { inputs: [x(dims), given(dims.map(() => d.int(0, 3)))] };
};

const concat: Generate = (d) => {
  const dims = d.dims(d.int(1, 3));
  const axis = d.axis(dims.length);
  const inputs = d.times(d.int(1, 3), () => x(dims.with(axis, d.int(1, 4))));
  return { inputs, attributes: { axis } };
};

const split =
  (form: 'attribute' | 'input' | 'count'): Generate =>
  (d) => {
    const parts = d.times(d.int(1, 3), () => d.int(1, 3));
    const dims = d.dims(d.int(1, 3));
    const axis = d.axis(dims.length);
    const sum = parts.reduce((a, b) => a + b, 0);
    if (form === 'count') {
      const size = parts.length * d.int(1, 3) - (parts.length > 1 ? d.int(0, 1) : 0);
      const attributes = { axis, num_outputs: parts.length };
      const possible = Math.ceil(size / parts.length) * (parts.length - 1) < size;
      const dim = possible ? size : parts.length;
      return { inputs: [x(dims.with(axis, dim))], attributes, outputs: parts.length };
    }
    if (form === 'attribute' && d.int(0, 3) === 0) {
      return {
        inputs: [x(dims.with(axis, parts.length * 2))],
        attributes: { axis },
        outputs: parts.length,
      };
    }
    const data = x(dims.with(axis, sum));
    return form === 'input'
      ? { inputs: [data, given(parts)], attributes: { axis }, outputs: parts.length }
      : { inputs: [data], attributes: { axis, split: parts }, outputs: parts.length };
  };

const slice =
  (asInput: boolean): Generate =>
  (d) => {
    const dims = d.dims(d.int(1, 3), 2, 6);
    const axes = d.axes(dims.length);
    const starts = axes.map(() => d.int(-7, 7));
    const steps = axes.map(() => (asInput ? d.pick([1, 2, 3, -1, -2]) : 1));
    const ends = steps.map((step) => d.pick([d.int(-7, 7), step > 0 ? 2 ** 31 - 1 : -(2 ** 31)]));
    if (!asInput) return { inputs: [x(dims)], attributes: { axes, starts, ends } };
    const plain = steps.every((step) => step === 1);
    const inputs = [x(dims), given(starts), given(ends)];
    if (!plain || d.flag()) inputs.push(given(axes));
    if (!plain) inputs.push(given(steps));
    return { inputs };
  };

const pad =
  (form: 'attribute' | 'input' | 'axes'): Generate =>
  (d) => {
    const dims = d.dims(d.int(1, 4), 2, 5);
    const axes = form === 'axes' ? d.axes(dims.length) : dims.map((_, i) => i);
    const pads = d.times(2 * axes.length, () => d.int(-1, 2));
    if (form === 'attribute') return { inputs: [x(dims)], attributes: { pads } };
    if (form === 'input') return { inputs: [x(dims), given(pads)] };
    return { inputs: [x(dims), given(pads), scalar(0, 'float32'), given(axes)] };
  };

const transpose: Generate = (d) => {
  const dims = d.dims(d.int(0, 4));
  return { inputs: [x(dims)], attributes: { perm: d.flag() ? d.shuffled(dims.length) : undefined } };
};

const flatten: Generate = (d) => {
  const dims = d.dims(d.int(1, 4));
  return { inputs: [x(dims)], attributes: { axis: d.int(-dims.length, dims.length) } };
};

const gather: Generate = (d) => {
  const dims = d.dims(d.int(1, 3));
  const axis = d.axis(dims.length);
  const at = d.dims(d.int(0, 2));
  const size = dims.at(axis)!;
  const values = d.times(elementCount(at), () => d.int(-size, size - 1));
  return { inputs: [x(dims), { dtype: 'int64', dims: at, values }], attributes: { axis } };
};

const gatherND: Generate = (d) => {
  const batch = d.int(0, 1);
  const dims = d.dims(3);
  const depth = d.int(1, 3 - batch);
  return {
    inputs: [x(dims), x([...dims.slice(0, batch), d.int(1, 4), depth], 'int64')],
    attributes: { batch_dims: batch },
  };
};

const gatherElements: Generate = (d) => {
  const dims = d.dims(2);
  const axis = d.axis(2);
  const at = dims.map((s) => d.int(1, s)).with(axis, d.int(1, 5));
  return { inputs: [x(dims), x(at, 'int64')], attributes: { axis } };
};

const scatterElements: Generate = (d) => {
  const dims = d.dims(2);
  const at = dims.map((s) => d.int(1, s)).with(0, 1);
  return { inputs: [x(dims), x(at, 'int64'), x(at)] };
};

const scatterND: Generate = (d) => {
  const dims = d.dims(3);
  return { inputs: [x(dims), x([1, 2], 'int64'), x([1, dims[2]!])] };
};

const oneHot: Generate = (d) => {
  const dims = d.dims(d.int(1, 2));
  return {
    inputs: [x(dims, 'int64'), scalar(d.int(1, 5)), x([2], d.pick(['float32', 'int64']))],
    attributes: { axis: d.axis(dims.length + 1) },
  };
};

const range: Generate = (d) => {
  const dtype = d.pick<NumericType>(['int64', 'int32', 'float32']);
  const step = dtype === 'float32' ? 0.5 : 2;
  return {
    inputs: [scalar(d.int(-3, 3), dtype), scalar(d.int(-6, 9), dtype), scalar(d.pick([1, step, -1]), dtype)],
  };
};

const constantOfShape: Generate = (d) => ({
  inputs: [given(d.dims(d.int(0, 3), 0, 3))],
  attributes: { value: d.flag() ? tensor('', 'int64', [1], [3]) : undefined },
});

const resize =
  (form: 'scales' | 'sizes' | 'old'): Generate =>
  (d) => {
    const dims = [...d.dims(2, 1, 2), ...d.dims(2, 2, 9)];
    // Upsample only enlarges.
    const factors = form === 'old' ? [1, 2, 1.5, 1.1] : [0.5, 1, 2, 1.5, 1 / 3, 2 / 3, 1.1];
    const attributes = { mode: d.pick(['nearest', 'linear']) };
    const scales = given([1, 1, ...d.times(2, () => d.pick(factors))], 'float32');
    if (form === 'old') return { inputs: [x(dims), scales], attributes };
    if (form === 'scales') return { inputs: [x(dims), undefined, scales], attributes };
    const sizes = given([...dims.slice(0, 2), ...d.dims(2, 1, 12)]);
    return { inputs: [x(dims), undefined, undefined, sizes], attributes };
  };

/** Opset 18: some axes only, the proportions kept. */
const resizeKeeping: Generate = (d) => ({
  inputs: [x([1, 2, ...d.dims(2, 2, 12)]), undefined, undefined, given(d.dims(2, 2, 12))],
  attributes: {
    axes: [2, 3],
    keep_aspect_ratio_policy: d.pick(['stretch', 'not_larger', 'not_smaller']),
    mode: 'linear',
  },
});

const quantizedConv: Generate = (d) => {
  const { inputs, attributes } = conv(d);
  const [data, weights, bias] = inputs as [Operand, Operand, Operand | undefined];
  const q = (zero: number): Operand[] => [scalar(0.1, 'float32'), scalar(zero, 'uint8')];
  const quantized = [
    x(data.dims, 'uint8'),
    ...q(1),
    { ...x(weights.dims, 'uint8'), constant: true },
    ...q(2),
    ...q(3),
  ];
  return { inputs: bias ? [...quantized, x(bias.dims, 'int32')] : quantized, attributes };
};

interface Spec {
  readonly opset: number;
  readonly domain?: string;
  readonly generate: Generate;
}

const standard = (opset: number, entries: Record<string, Generate>): [string, Spec][] =>
  Object.entries(entries).map(([op, generate]) => [op, { opset, generate }]);
const microsoft = (entries: Record<string, Generate>): [string, Spec][] =>
  Object.entries(entries).map(([op, generate]) => [op, { opset: 20, domain: 'com.microsoft', generate }]);
const all = (names: string, generate: Generate): Record<string, Generate> =>
  Object.fromEntries(names.split(' ').map((op) => [op, generate]));

const reductions =
  'ReduceMean ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSumExp ReduceSumSquare';

const specs: [string, Spec][] = [
  ...standard(20, {
    ...all(
      'Relu LeakyRelu Sigmoid Tanh HardSigmoid HardSwish Elu Selu Softplus Softsign Gelu Mish Erf Exp',
      unary,
    ),
    ...all(
      'Log Sqrt Reciprocal Abs Neg Sign Floor Ceil Round Identity Clip Celu Sin Cos ThresholdedRelu',
      unary,
    ),
    ...all('Shape Size NonZero RandomUniformLike RandomNormalLike Bernoulli IsNaN', unary),
    ...all('Add Sub Mul Div Min Max Mean Sum Equal Greater Less GreaterOrEqual LessOrEqual', joined(2)),
    ...all('And Or Xor', joined(2, 'bool')),
    Pow: (d) => ({ inputs: broadcastable(d, 2).map((dims, i) => x(dims, i ? 'int64' : 'float32')) }),
    Mod: joined(2, 'int64'),
    Not: (d) => ({ inputs: [x(d.dims(2), 'bool')] }),
    Where: (d) => ({ inputs: broadcastable(d, 3).map((dims, i) => x(dims, i ? 'float32' : 'bool')) }),
    PRelu: (d) => {
      const dims = d.dims(d.int(1, 4));
      return { inputs: [x(dims), x(dims.map((s) => (d.flag() ? s : 1)).slice(d.int(0, dims.length)))] };
    },
    Cast: (d) => ({ inputs: [x(d.dims(2))], attributes: { to: d.pick([1, 6, 7, 9, 10, 11]) } }),
    CastLike: (d) => ({ inputs: [x(d.dims(2)), x([1], d.pick(['int32', 'bool', 'float64']))] }),
    Conv: conv,
    ConvTranspose: transposedConv,
    MaxPool: pool(true, 2),
    AveragePool: pool(true),
    LpPool: pool(false),
    ...all('GlobalAveragePool GlobalMaxPool', (d) => ({ inputs: [x(d.dims(d.int(3, 4)))] })),
    MatMul: matMul,
    Gemm: gemm,
    ...all(reductions, reduce(true)),
    ReduceSum: reduce(true),
    ...all('ArgMax ArgMin', argument),
    TopK: topK,
    ...all('Softmax LogSoftmax', axisLike),
    CumSum: (d) => ({ inputs: [x(d.dims(2)), scalar(d.int(0, 1))] }),
    BatchNormalization: (d) => {
      const { dims, per } = channels(d);
      const training_mode = d.int(0, 1);
      return {
        inputs: [x(dims), per, per, per, per],
        attributes: { training_mode },
        outputs: training_mode ? 3 : 1,
      };
    },
    InstanceNormalization: (d) => {
      const { dims, per } = channels(d);
      return { inputs: [x(dims), per, per] };
    },
    LayerNormalization: (d) => {
      const dims = d.dims(3);
      const axis = d.axis(3);
      return { inputs: [x(dims), x(dims.slice(axis))], attributes: { axis }, outputs: 3 };
    },
    LRN: (d) => ({ inputs: [x(d.dims(4))], attributes: { size: 3 } }),
    Dropout: (d) => ({ inputs: [x(d.dims(3))], outputs: 2 }),
    Concat: concat,
    Split: split('count'),
    Slice: slice(true),
    Pad: pad('axes'),
    Transpose: transpose,
    Reshape: reshape,
    Flatten: flatten,
    Squeeze: squeeze(true),
    Unsqueeze: unsqueeze(true),
    Expand: expand,
    Tile: tile,
    Gather: gather,
    GatherND: gatherND,
    GatherElements: gatherElements,
    ScatterElements: scatterElements,
    ScatterND: scatterND,
    OneHot: oneHot,
    Range: range,
    ConstantOfShape: constantOfShape,
    Constant: (d) => ({
      inputs: [],
      attributes: d.pick<Record<string, AttributeInput>>([
        { value: tensor('', 'float32', [2, 1], [1, 2]) },
        { value_int: 3 },
        { value_ints: [1, 2] },
        { value_float: float(0.5) },
        { value_floats: floats([1, 2, 3]) },
      ]),
    }),
    Resize: resize('scales'),
    DepthToSpace: (d) => ({ inputs: [x([1, 4 * d.int(1, 2), ...d.dims(2)])], attributes: { blocksize: 2 } }),
    SpaceToDepth: (d) => ({
      inputs: [x([1, d.int(1, 3), 2 * d.int(1, 3), 2 * d.int(1, 3)])],
      attributes: { blocksize: 2 },
    }),
    LSTM: recurrent(4, 3),
    GRU: recurrent(3, 2),
    RNN: recurrent(1, 2),
    Einsum: (d) => {
      const [i, j, k] = d.dims(3) as [number, number, number];
      const equation = d.pick(['ij,jk->ik', 'ij,jk', 'ij,jk->', 'ij,jk->kji']);
      return { inputs: [x([i, j]), x([j, k])], attributes: { equation } };
    },
    Trilu: (d) => ({ inputs: [x(d.dims(3))], attributes: { upper: d.int(0, 1) } }),
    NonMaxSuppression: (d) => {
      const boxes = d.int(1, 4);
      return { inputs: [x([1, boxes, 4]), x([1, 2, boxes]), scalar(3)] };
    },
    QuantizeLinear: (d) => ({
      inputs: [
        x(d.dims(2)),
        scalar(0.1, 'float32'),
        ...(d.flag() ? [scalar(0, d.pick(['int8', 'uint8']))] : []),
      ],
    }),
    DequantizeLinear: (d) => ({ inputs: [x(d.dims(2), 'uint8'), scalar(0.1, 'float32')] }),
    DynamicQuantizeLinear: (d) => ({ inputs: [x(d.dims(2))], outputs: 3 }),
    QLinearConv: quantizedConv,
    ...all('RandomUniform RandomNormal', (d) => ({
      inputs: [],
      attributes: { shape: d.dims(2), dtype: d.pick([1, 11]) },
    })),
    EyeLike: (d) => ({ inputs: [x(d.dims(2))] }),
    Compress: (d) => {
      const n = d.int(1, 4);
      return { inputs: [x([n, 3]), x([n], 'bool')], attributes: { axis: d.pick([undefined, 0]) } };
    },
    GridSample: (d) => ({ inputs: [x([2, 3, ...d.dims(2)]), x([2, ...d.dims(2), 2])] }),
    RoiAlign: (d) => ({
      inputs: [x([1, 2, 6, 6]), x([3, 4]), x([3], 'int64')],
      attributes: { output_height: d.int(1, 3), output_width: d.int(1, 3) },
    }),
  }),
  ...standard(22, {
    Conv: conv,
    MaxPool: pool(true),
    AveragePool: pool(true),
    Split: split('input'),
    Resize: resizeKeeping,
  }),
  ...standard(21, { Squeeze: squeeze(true), Reshape: reshape, Resize: resize('sizes') }),
  ...standard(17, {
    ...all(reductions, reduce(false)),
    Split: split('input'),
    Pad: pad('input'),
    Resize: resize('sizes'),
  }),
  ...standard(11, {
    ReduceSum: reduce(false),
    Split: split('attribute'),
    Squeeze: squeeze(false),
    Unsqueeze: unsqueeze(false),
    Resize: (d) => {
      const { inputs, attributes } = resize('scales')(d);
      // Here the region is no optional input yet.
      return { inputs: [inputs[0], given([], 'float32'), inputs[2]], attributes: attributes! };
    },
    Clip: unary,
    Gemm: gemm,
    Dropout: (d) => ({ inputs: [x(d.dims(2))], outputs: 2 }),
  }),
  ...standard(10, {
    Pad: pad('attribute'),
    Resize: resize('old'),
    TopK: topK,
    AveragePool: pool(false, 1, false),
  }),
  ...standard(9, {
    Slice: slice(false),
    Upsample: resize('old'),
    Flatten: (d) => {
      const dims = d.dims(3);
      return { inputs: [x(dims)], attributes: { axis: d.int(0, 3) } };
    },
    TopK: (d) => ({ inputs: [x(d.dims(2, 3))], attributes: { axis: -1, k: 2 }, outputs: 2 }),
    MatMul: matMul,
  }),
  ...standard(8, {
    Upsample: (d) => ({
      inputs: [x([1, 2, ...d.dims(2)])],
      attributes: { scales: floats([1, 1, 2, 3]) },
    }),
    Reshape: reshape,
    Concat: concat,
  }),
  ...microsoft({
    FusedConv: (d) => {
      const { inputs, attributes } = conv(d);
      return { inputs, attributes: { ...attributes, activation: 'Relu' } };
    },
    FusedMatMul: fusedMatMul,
  }),
];

const APPLICATIONS = 12;

function contents(operand: Operand, name: string): Tensor {
  const { dtype, dims, values } = operand;
  const count = elementCount(dims);
  const fill = dtype.startsWith('float')
    ? (i: number) => 0.1 + (i % 7) / 10
    : dtype === 'bool'
      ? (i: number) => i % 2
      : null;
  // Integers are indices more often than not, and divisors: 0 and 1 are both valid in an axis of any size only as 0.
  return tensor(name, dtype, dims, values ?? Array.from({ length: count }, (_, i) => fill?.(i) ?? 0));
}

/** All applications in one graph, so that one session runs them. */
function assemble(op: string, { opset, domain = '' }: Spec, applications: readonly Application[]) {
  const inputs: Tensor[] = [];
  const constants: Tensor[] = [];
  const outputs: string[] = [];
  const nodes = applications.map((a, n) => {
    const names = a.inputs.map((operand, i) => {
      if (operand === undefined) return '';
      // Mod and Div by zero is an error for integers: their operands are made of ones.
      const safe =
        op === 'Mod'
          ? { ...operand, values: new Array<number>(elementCount(operand.dims)).fill(1) }
          : operand;
      (operand.constant ? constants : inputs).push(contents(safe, `x${n}_${i}`));
      return `x${n}_${i}`;
    });
    const results = Array.from({ length: a.outputs ?? 1 }, (_, i) => `y${n}_${i}`);
    outputs.push(...results);
    return node(op, names, results, a.attributes, domain);
  });
  const model = (hide: (t: Tensor) => readonly Dim[], asInputs: boolean): Model => ({
    irVersion: Math.max(irVersionFor(opset), 4),
    opsets: new Map([['', opset], ...(domain ? [[domain, 1] as [string, number]] : [])]),
    metadata: new Map(),
    producerName: '',
    producerVersion: '',
    graph: {
      name: 'applications',
      nodes,
      inputs: [...inputs, ...(asInputs ? constants : [])].map((t) => ({
        name: t.name,
        type: { dtype: t.dtype, shape: hide(t) },
      })),
      outputs: outputs.map((name) => ({ name, type: undefined })),
      initializers: new Map(asInputs ? [] : constants.map((t) => [t.name, t])),
      valueInfo: new Map(),
    },
  });
  return { model, inputs, outputs };
}

describe('inferTypes', () => {
  it('leaves out a last pooling window that would begin in the padding, as a run does', async () => {
    const pooling = (op: string, size: number): [string, Application] => [
      op,
      {
        inputs: [x([1, 1, size])],
        attributes: { kernel_shape: [2], strides: [3], pads: [0, 1], ceil_mode: 1 },
      },
    ];
    for (const [op, application] of [
      pooling('MaxPool', 6),
      pooling('AveragePool', 6),
      pooling('MaxPool', 7),
    ]) {
      const { model, inputs } = assemble(op, { opset: 22, generate: () => application }, [application]);
      const complete = model((t) => t.dims, false);
      const outputs = [{ name: 'y0_0', type: { dtype: 'float32', shape: undefined } as const }];
      const results = await execute({ ...complete, graph: { ...complete.graph, outputs } }, inputs);
      expect(inferTypes(complete).get('y0_0')!.shape).toEqual(results.get('y0_0')!.dims);
    }
  });

  it.each(specs.map(([op, spec]) => [op, spec.opset, spec] as const))(
    '%s of opset %i',
    async (op, _, spec) => {
      const seed = [...op].reduce((s, c) => s * 31 + c.charCodeAt(0), spec.opset);
      const d = new Draw(seed);
      const applications = d.times(APPLICATIONS, () => spec.generate(d));
      const { model, inputs, outputs } = assemble(op, spec, applications);
      const complete = model((t) => t.dims, false);
      // The run takes the types as inferred: ONNX Runtime insists on an element type for every output.
      const types = inferTypes(complete);
      const typed: Model = {
        ...complete,
        graph: {
          ...complete.graph,
          outputs: outputs.map((name) => ({
            name,
            type: { dtype: types.get(name)!.dtype, shape: undefined },
          })),
        },
      };
      const results = await execute(typed, inputs);
      const dependsOnData = ['NonZero', 'NonMaxSuppression', 'Compress'].includes(op);
      for (const name of outputs) {
        const [n] = name.slice(1).split('_').map(Number);
        const context = `${op} ${JSON.stringify(applications[n!])} → ${name}`;
        const { dims, dtype } = results.get(name)!;
        const type = types.get(name)!;
        expect(type.dtype, context).toBe(dtype as DataType);
        if (dependsOnData) expect(type.shape!.length, context).toBe(dims.length);
        else expect(type.shape, context).toEqual(dims);
      }
      for (const asInputs of [false, true]) {
        const names = new Map<string, number>();
        const hide = (t: Tensor): readonly Dim[] =>
          t.dims.map((size, i) => {
            const dim = d.pick([size, null, `${t.name}.${i}`]);
            if (typeof dim === 'string') names.set(dim, size);
            return dim;
          });
        const partial = inferTypes(model(hide, asInputs));
        for (const name of outputs) {
          const [n] = name.slice(1).split('_').map(Number);
          const { dims } = results.get(name)!;
          const claimed = partial.get(name)!.shape;
          const context = `${op} ${JSON.stringify(applications[n!])}: [${claimed}] for ${name} of [${dims}]`;
          expect(claimed === undefined || claimed.length === dims.length, context).toBe(true);
          claimed?.forEach((dim, i) => {
            const size = typeof dim === 'string' ? names.get(dim) : dim;
            expect(size === null || size === dims[i], context).toBe(true);
          });
        }
      }
    },
  );
});
