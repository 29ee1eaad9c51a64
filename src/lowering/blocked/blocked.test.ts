/**
 * Every blocked formulation against the standard operators: on the runtime's own kernels in blocks of the size that
 * this machine has, and on emulated ones in blocks of 8 and 16.
 */
import { describe, expect, it } from 'vitest';
import {
  blockedCount,
  compareLowerings,
  differentiated,
  standardCount,
} from '../../../test/support/compare-lowerings.js';
import { gradients } from '../../autodiff/index.js';
import { GraphBuilder, type Model, type Tensor, tensor, type Value } from '../../onnx/index.js';
import { probeBlockSize } from '../../runtime/probe.js';
import type { BlockSize } from './layout/layouts.js';
import { lowerToBlocked } from './lower.js';

/** Single precision; sums of some thousand terms in another order. */
const TOLERANCE = 2e-5;

const available = await probeBlockSize();
if (available === undefined) console.log('This machine has no blocked kernels: they are only emulated here.');
const KERNELS: readonly (readonly ['native' | 'emulated', BlockSize])[] = [
  ...(available ? [['native', available] as const] : []),
  ['emulated', 8],
  ['emulated', 16],
];

interface ConvCase {
  readonly name: string;
  /** In blocks where not stated otherwise. */
  readonly channels?: number;
  readonly thin?: number;
  readonly outputs?: number;
  readonly depthwise?: boolean;
  readonly batch?: number;
  readonly size?: readonly [number, number];
  readonly kernel?: readonly [number, number];
  readonly strides?: readonly [number, number];
  readonly pads?: readonly [number, number, number, number];
  readonly dilations?: readonly [number, number];
  readonly bias?: boolean;
  /** Operators that are expected to stay standard ones. */
  readonly falls?: 'input gradient' | 'weight gradient' | 'both gradients';
}

const convolutions: readonly ConvCase[] = [
  { name: '3×3' },
  { name: '3×3 with a bias', bias: true },
  { name: '1×1', kernel: [1, 1], pads: [0, 0, 0, 0] },
  { name: '1×1 stride 2', kernel: [1, 1], pads: [0, 0, 0, 0], strides: [2, 2] },
  { name: '3×3 stride 2 on odd sizes', strides: [2, 2], size: [7, 5] },
  { name: '3×3 stride 2 on even sizes', strides: [2, 2], size: [8, 6] },
  { name: 'stride 3 with a gap behind the last window', kernel: [5, 5], strides: [3, 3], size: [10, 9] },
  { name: 'another stride each way', strides: [2, 1], size: [6, 7] },
  { name: 'windows that stop short', kernel: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0], size: [8, 6] },
  { name: 'asymmetric padding', pads: [0, 1, 2, 0] },
  { name: '1×7', kernel: [1, 7], pads: [0, 3, 0, 3] },
  { name: 'a batch that fills no block', batch: 3 },
  { name: 'a batch of more than a block', batch: 17, size: [3, 3] },
  { name: 'a batch of half a block', batch: 4, size: [5, 4] },
  { name: 'a batch of some blocks and a half', batch: 12, size: [5, 4] },
  { name: 'a batch of three halves of 16', batch: 24, size: [3, 3], outputs: 1 },
  { name: '1×1 on a large map', kernel: [1, 1], pads: [0, 0, 0, 0], size: [14, 15] },
  {
    name: '1×1 on a large map, fewer outputs',
    kernel: [1, 1],
    pads: [0, 0, 0, 0],
    size: [14, 15],
    outputs: 1,
  },
  {
    name: '1×1 stride 2 on a large map',
    kernel: [1, 1],
    pads: [0, 0, 0, 0],
    strides: [2, 2],
    size: [28, 29],
  },
  { name: '1×1 with padding', kernel: [1, 1], pads: [1, 0, 1, 0], falls: 'input gradient' },
  {
    name: '1×1 on maps of a single position',
    kernel: [1, 1],
    pads: [0, 0, 0, 0],
    size: [1, 1],
    batch: 5,
    bias: true,
  },
  {
    name: '1×1 on maps of a single position, of channels that fill no block',
    kernel: [1, 1],
    pads: [0, 0, 0, 0],
    size: [1, 1],
    batch: 5,
    channels: 1.5,
    outputs: 2.5,
  },
  { name: 'more outputs than inputs', channels: 1, outputs: 3 },
  { name: 'fewer outputs than inputs', channels: 3, outputs: 1 },
  { name: 'dilation', dilations: [2, 2], pads: [2, 2, 2, 2], falls: 'weight gradient' },
  { name: 'dilation and stride', dilations: [2, 2], strides: [2, 2], falls: 'both gradients' },
  {
    name: 'a stem of 3 channels',
    thin: 3,
    kernel: [7, 7],
    strides: [2, 2],
    pads: [3, 3, 3, 3],
    size: [16, 14],
  },
  { name: 'depthwise', depthwise: true },
  { name: 'depthwise stride 2', depthwise: true, strides: [2, 2], size: [8, 7] },
  { name: 'depthwise dilation', depthwise: true, dilations: [2, 1], pads: [2, 1, 2, 1] },
  { name: '3×3 of channels that fill no block', channels: 1.5, outputs: 2.5, bias: true },
  { name: '3×3 stride 2 of outputs that fill no block', outputs: 1.5, strides: [2, 2], size: [8, 6] },
  {
    name: '1×1 on a large map of channels that fill no block',
    channels: 1.5,
    outputs: 2.5,
    kernel: [1, 1],
    pads: [0, 0, 0, 0],
    size: [14, 15],
  },
  {
    name: '1×1 on a large map, fewer outputs that fill no block',
    channels: 2.5,
    outputs: 1.5,
    kernel: [1, 1],
    pads: [0, 0, 0, 0],
    size: [14, 15],
  },
  {
    name: '1×1 stride 2 of channels that fill no block',
    channels: 1.5,
    outputs: 1.5,
    kernel: [1, 1],
    pads: [0, 0, 0, 0],
    strides: [2, 2],
  },
  {
    name: 'a stem of 3 channels, of outputs that fill no block',
    thin: 3,
    outputs: 1.5,
    strides: [2, 2],
    size: [8, 6],
  },
  { name: 'depthwise of channels that fill no block', depthwise: true, channels: 1.5 },
  {
    name: 'depthwise stride 2 of channels that fill no block',
    depthwise: true,
    channels: 1.5,
    strides: [2, 2],
    size: [8, 7],
  },
  {
    name: 'depthwise windows that stop short',
    depthwise: true,
    strides: [2, 2],
    pads: [0, 0, 0, 0],
    size: [8, 6],
  },
];

function convolution(test: ConvCase, block: number) {
  const { channels = 2, outputs = 2, kernel = [3, 3], batch = 2, size = [6, 5], depthwise = false } = test;
  const inputs = test.thin ?? channels * block;
  const count = depthwise ? inputs : outputs * block;
  return differentiated(
    {
      x: [batch, inputs, ...size],
      w: [count, depthwise ? 1 : inputs, ...kernel],
      ...(test.bias ? { bias: [count] } : {}),
    },
    (g, of) =>
      g.op('Conv', [of('x'), of('w'), ...(test.bias ? [of('bias')] : [])], {
        strides: test.strides ?? [1, 1],
        pads: test.pads ?? [1, 1, 1, 1],
        dilations: test.dilations ?? [1, 1],
        group: depthwise ? inputs : 1,
      }),
  );
}

describe.each(KERNELS)('convolutions on %s kernels in blocks of %i', (kernels, block) => {
  it.each(convolutions)('$name', async (test) => {
    const { model, inputs } = convolution(test, block);
    const { error, output, lowered } = await compareLowerings(model, inputs, block, kernels);
    expect(error, output).toBeLessThan(TOLERANCE);
    expect(blockedCount(lowered, 'Conv')).toBeGreaterThan(0);
    const plain = ['Conv', 'ConvTranspose', 'Gemm'].reduce((sum, op) => sum + standardCount(lowered, op), 0);
    const stays = test.falls !== undefined || test.thin !== undefined;
    expect(plain > 0, 'standard operators').toBe(stays);
  });
});

/** A value at hand in blocks, from an input that is not. */
const entered = (g: GraphBuilder, x: Value, w: Value): Value => g.op('Conv', [x, w]);

type Case = (block: number) => { model: Model; inputs: Tensor[] };

const norm = (g: GraphBuilder, x: Value, of: (name: string) => Value): Value =>
  g.ops('BatchNormalization', 3, [x, of('scale'), of('shift'), of('mean'), of('variance')], {
    training_mode: 1,
  })[0];

/** The statistics are no variables: nothing flows into them. */
function withNorm(
  sizes: readonly number[],
  build: (g: GraphBuilder, of: (name: string) => Value, normal: (x: Value) => Value) => Value,
  extra: Readonly<Record<string, readonly number[]>> = {},
) {
  const c = sizes[1]!;
  return differentiated({ x: sizes, w: [c, c, 1, 1], scale: [c], shift: [c], ...extra }, (g, of) => {
    const statistics: Record<string, Value> = {
      mean: g.op('Expand', [g.scalar(0.25), g.ints([c])]),
      variance: g.op('Expand', [g.scalar(2), g.ints([c])]),
    };
    return build(g, of, (x) => norm(g, x, (name) => statistics[name] ?? of(name)));
  });
}

interface Behind {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly depthwise: boolean;
}

const behindCases: readonly (readonly [string, Behind])[] = [
  ['3×3', { kernel: [3, 3], strides: [1, 1], depthwise: false }],
  ['3×3 stride 2', { kernel: [3, 3], strides: [2, 2], depthwise: false }],
  ['1×1', { kernel: [1, 1], strides: [1, 1], depthwise: false }],
  ['1×1 stride 2', { kernel: [1, 1], strides: [2, 2], depthwise: false }],
  ['depthwise', { kernel: [3, 3], strides: [1, 1], depthwise: true }],
];

/** Conv, batch norm and ReLU on maps beside which the weights are small; of one channel nothing is used. */
function behind(b: number, { kernel, strides, depthwise }: Behind) {
  const pads = [...kernel, ...kernel].map((k) => (k - 1) / 2);
  const used = Float32Array.from({ length: b }, (_, c) => (c === 3 ? 0 : 1));
  return withNorm(
    [4, b, 24, 24].map((size, i) => (i > 1 ? size * strides[i - 2]! : size)),
    (g, of, normal) => {
      const x = g.op('Relu', [entered(g, of('x'), of('w'))]);
      const y = g.op('Conv', [x, of('v')], { pads, strides, group: depthwise ? b : 1 });
      return g.op('Mul', [g.op('Relu', [normal(y)]), g.constant(tensor('used', 'float32', [b, 1, 1], used))]);
    },
    { v: [b, depthwise ? 1 : b, ...kernel] },
  );
}

const pools: readonly (readonly [
  name: string,
  size: readonly [number, number],
  kernel: number,
  stride: number,
  pads: readonly [number, number, number, number],
])[] = [
  ['3×3 stride 2', [8, 6], 3, 2, [1, 1, 1, 1]],
  ['3×3 stride 2 on odd sizes', [7, 9], 3, 2, [1, 1, 1, 1]],
  ['3×3 stride 1', [5, 4], 3, 1, [1, 1, 1, 1]],
  ['2×2 stride 2 with a gap at the end', [7, 6], 2, 2, [0, 0, 0, 0]],
  ['3×3 stride 2 padded at the end alone', [6, 6], 3, 2, [0, 0, 1, 1]],
];

const cases: Readonly<
  Record<
    string,
    {
      build: Case;
      op?: string;
      /** Operators of which no standard one is to be left. */
      stays?: readonly string[];
      /** How many maps leave their blocks, of channels that fill them. */
      reordered?: number;
      tolerance?: number;
    }
  >
> = {
  'batch norm behind a convolution': {
    build: (b) => withNorm([3, b, 4, 5], (g, of, normal) => normal(entered(g, of('x'), of('w')))),
    stays: ['BatchNormalization'],
  },
  'batch norm of an input': {
    build: (b) => withNorm([3, b, 4, 5], (g, of, normal) => g.op('Conv', [normal(of('x')), of('w')])),
    stays: ['BatchNormalization'],
  },
  'batch norm of a large mean, beside another reader': {
    build: (b) =>
      withNorm([3, b, 4, 5], (g, of, normal) => {
        const x = g.op('Add', [entered(g, of('x'), of('w')), g.scalar(50)]);
        return g.op('Add', [normal(x), x]);
      }),
    stays: ['BatchNormalization'],
    tolerance: 1e-3,
  },
  ...Object.fromEntries(
    behindCases.map(([name, one]) => [
      `batch norm of a large map behind a convolution ${name}, a channel without a gradient`,
      { build: (b: number) => behind(b, one), tolerance: 1e-4 },
    ]),
  ),
  'batch norm of a large map behind a stem': {
    build: (b) =>
      withNorm(
        [4, b, 24, 24],
        (g, of, normal) =>
          g.op('Add', [normal(g.op('Conv', [of('images'), of('v')])), entered(g, of('x'), of('w'))]),
        {
          images: [4, 3, 26, 26],
          v: [b, 3, 3, 3],
        },
      ),
    stays: ['BatchNormalization'],
    tolerance: 1e-4,
  },
  'batch norm of a large map, beside another reader': {
    build: (b) =>
      withNorm(
        [4, b, 24, 24],
        (g, of, normal) => {
          const y = g.op('Relu', [entered(g, of('x'), of('w'))]);
          return normal(g.op('Add', [entered(g, y, of('v')), y]));
        },
        { v: [b, b, 1, 1] },
      ),
    stays: ['BatchNormalization'],
    tolerance: 1e-4,
  },
  'a residual block': {
    build: (b) =>
      withNorm(
        [2, b, 5, 4],
        (g, of, normal) => {
          const x = g.op('Relu', [entered(g, of('x'), of('w'))]);
          const main = normal(g.op('Conv', [x, of('v')], { pads: [1, 1, 1, 1] }));
          return g.op('Relu', [g.op('Add', [main, x])]);
        },
        { v: [b, b, 3, 3] },
      ),
    stays: ['Relu', 'BatchNormalization'],
    tolerance: 1e-4,
  },
  'a block of two strides with its shortcut': {
    build: (b) =>
      withNorm(
        [2, b, 6, 5],
        (g, of, normal) => {
          const x = g.op('Relu', [entered(g, of('x'), of('w'))]);
          const main = normal(g.op('Conv', [x, of('v')], { pads: [1, 1, 1, 1], strides: [2, 2] }));
          return g.op('Relu', [g.op('Add', [main, g.op('Conv', [x, of('u')], { strides: [2, 2] })])]);
        },
        { v: [b, b, 3, 3], u: [b, b, 1, 1] },
      ),
    stays: ['Relu', 'BatchNormalization'],
    tolerance: 1e-4,
  },
  'a residual block of ReLUs with a ceiling': {
    build: (b) =>
      differentiated({ x: [2, b, 5, 12], w: [b, b, 1, 1], v: [b, b, 3, 3] }, (g, of) => {
        const rectified = (y: Value) => g.op('Clip', [y, g.scalar(0), g.scalar(0.75)]);
        const x = rectified(entered(g, of('x'), of('w')));
        return rectified(g.op('Add', [g.op('Conv', [x, of('v')], { pads: [1, 1, 1, 1] }), x]));
      }),
    stays: ['Clip', 'Where'],
  },
  'a sum of three': {
    build: (b) =>
      differentiated({ x: [2, b, 3, 4], w: [b, b, 1, 1], v: [b, b, 1, 1], u: [b, b, 1, 1] }, (g, of) => {
        const parts = ['w', 'v', 'u'].map((name) => entered(g, of('x'), of(name)));
        return g.op('Relu', [g.op('Add', [g.op('Add', [parts[0]!, parts[1]!]), parts[2]!])]);
      }),
  },
  'a value added to itself': {
    build: (b) =>
      differentiated({ x: [2, b, 3, 4], w: [b, b, 1, 1] }, (g, of) => {
        const y = entered(g, of('x'), of('w'));
        return g.op('Add', [y, y]);
      }),
  },
  'squeeze and excitation': {
    build: (b) =>
      differentiated({ x: [2, 2 * b, 3, 4], w: [2 * b, 2 * b, 1, 1], v: [2 * b, 2 * b, 1, 1] }, (g, of) => {
        const y = entered(g, of('x'), of('w'));
        const gate = g.op('Sigmoid', [g.op('Conv', [g.op('GlobalAveragePool', [y]), of('v')])]);
        return g.op('Mul', [y, gate]);
      }),
    op: 'GlobalAveragePool',
  },
  'squeeze and excitation by two layers, before a projection': {
    build: (b) =>
      withNorm(
        [3, b, 4, 5],
        (g, of, normal) => {
          const y = g.op('HardSwish', [normal(entered(g, of('x'), of('w')))]);
          const squeezed = g.op('Relu', [
            g.op('Conv', [g.op('GlobalAveragePool', [y]), of('v'), of('bias')]),
          ]);
          const gate = g.op('HardSigmoid', [g.op('Conv', [squeezed, of('u')])], { alpha: 1 / 6, beta: 0.5 });
          return g.op('Conv', [g.op('Mul', [y, gate]), of('p')]);
        },
        { v: [b, b, 1, 1], bias: [b], u: [b, b, 1, 1], p: [b, b, 1, 1] },
      ),
    op: 'GlobalAveragePool',
    stays: ['BatchNormalization', 'HardSwish'],
    // The output, and x and y times the gate once for the gradients of weights.
    reordered: 3,
    tolerance: 1e-4,
  },
  'a map times one number for each channel of each image, a sum and a ReLU': {
    build: (b) =>
      differentiated({ x: [3, b, 3, 4], w: [b, b, 1, 1], v: [b, b, 1, 1], s: [3, b, 1, 1] }, (g, of) => {
        const [y, z] = [entered(g, of('x'), of('w')), entered(g, of('x'), of('v'))];
        return g.op('Relu', [g.op('Add', [g.op('Mul', [of('s'), y]), z])]);
      }),
    stays: ['Relu'],
  },
  ...Object.fromEntries(
    ([0, 1] as const).map((keepdims) => [
      `sums of maps and products over positions, ${keepdims ? 'keeping' : 'dropping'} axes`,
      {
        build: (b: number) =>
          differentiated({ x: [3, b, 3, 4], w: [b, b, 1, 1], v: [b, b, 1, 1] }, (g, of) => {
            const [y, z] = [entered(g, of('x'), of('w')), entered(g, of('x'), of('v'))];
            const sum = (map: Value) => g.reduce('ReduceSum', map, [2, 3], { keepdims });
            return g.op('Add', [sum(y), sum(g.op('Mul', [y, z]))]);
          }),
        op: keepdims ? 'GlobalAveragePool' : 'Conv',
      },
    ]),
  ),
  'channels joined and split': {
    build: (b) =>
      differentiated(
        { x: [2, b, 3, 4], w: [2 * b, b, 1, 1], v: [b, b, 1, 1], u: [b, 3 * b, 1, 1] },
        (g, of) => {
          const parts = [entered(g, of('x'), of('w')), entered(g, of('x'), of('v'))];
          return g.op('Conv', [g.op('Concat', parts, { axis: 1 }), of('u')]);
        },
      ),
    // The output, and x and the joined channels once for the gradients of weights.
    reordered: 3,
  },
  'HardSwish behind a batch norm': {
    build: (b) =>
      withNorm(
        [3, b, 4, 5],
        (g, of, normal) => g.op('Conv', [g.op('HardSwish', [normal(entered(g, of('x'), of('w')))]), of('v')]),
        { v: [b, b, 1, 1] },
      ),
    stays: ['BatchNormalization', 'HardSwish', 'HardSigmoid', 'Abs'],
    tolerance: 1e-4,
  },
  'HardSwish, within its bounds and beyond them': {
    build: (b) =>
      differentiated({ x: [2, b, 5, 4], w: [b, b, 1, 1] }, (g, of) =>
        g.op('HardSwish', [g.op('Mul', [entered(g, of('x'), of('w')), g.scalar(4)])]),
      ),
    stays: ['HardSigmoid', 'Abs'],
  },
  'activations that follow a convolution': {
    build: (b) =>
      differentiated({ x: [2, b, 5, 4], w: [b, b, 1, 1], v: [b, b, 1, 1], u: [b, b, 1, 1] }, (g, of) => {
        const parts = ['w', 'v', 'u'].map((name) => entered(g, of('x'), of(name)));
        const [a, c, d] = [
          g.op('Sigmoid', [parts[0]!]),
          g.op('Tanh', [parts[1]!]),
          g.op('HardSigmoid', [parts[2]!], { alpha: 0.3, beta: 0.4 }),
        ];
        return g.op('Add', [g.op('Add', [a, c]), d]);
      }),
    stays: ['Sigmoid', 'Tanh', 'Where'],
  },
  SiLU: {
    build: (b) =>
      differentiated({ x: [2, b, 5, 4], w: [b, b, 1, 1], v: [b, b, 1, 1] }, (g, of) => {
        const y = entered(g, of('x'), of('w'));
        return entered(g, g.op('Mul', [y, g.op('Sigmoid', [y])]), of('v'));
      }),
  },
  'activations of all kinds': {
    build: (b) =>
      differentiated({ x: [2, b, 3, 4], w: [b, b, 1, 1], slope: [b, 1, 1] }, (g, of) => {
        let y = g.op('LeakyRelu', [entered(g, of('x'), of('w'))], { alpha: 0.2 });
        y = g.op('Clip', [y, g.scalar(-0.5), g.scalar(0.75)]);
        y = g.op('HardSwish', [g.op('PRelu', [y, of('slope')])]);
        return g.op('Mul', [y, g.op('Sigmoid', [y])]);
      }),
  },
  ...Object.fromEntries(
    pools.map(([name, size, kernel, stride, pads]) => [
      `max pooling ${name}`,
      {
        build: (b: number) =>
          differentiated({ x: [2, b, ...size], w: [b, b, 1, 1] }, (g, of) =>
            g.op('MaxPool', [entered(g, of('x'), of('w'))], {
              kernel_shape: [kernel, kernel],
              strides: [stride, stride],
              pads,
            }),
          ),
        op: 'MaxPool',
        stays: ['ConvTranspose'],
      },
    ]),
  ),
  ...Object.fromEntries(
    pools.flatMap(([name, size, kernel, stride, pads]) =>
      [0, 1].map((count_include_pad) => [
        `average pooling ${name}, ${count_include_pad ? 'padding counted' : 'padding left out'}`,
        {
          build: (b: number) =>
            differentiated({ x: [2, b, ...size], w: [b, b, 1, 1], v: [b, b, 1, 1] }, (g, of) => {
              const attributes = { kernel_shape: [kernel, kernel], strides: [stride, stride], pads };
              const y = entered(g, of('x'), of('w'));
              return entered(g, g.op('AveragePool', [y], { ...attributes, count_include_pad }), of('v'));
            }),
          op: 'AveragePool',
          stays: ['AveragePool', 'Conv', 'ConvTranspose'],
        },
      ]),
    ),
  ),
  'max pooling of ties, among them zeros at the border': {
    build: (b) =>
      differentiated({ x: [2, b, 8, 8], w: [b, b, 1, 1] }, (g, of) => {
        const y = entered(g, of('x'), of('w'));
        const flat = g.op('Add', [g.op('Mul', [y, g.scalar(0)]), g.op('Round', [y])]);
        return g.op('MaxPool', [flat], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
      }),
    op: 'MaxPool',
    stays: ['ConvTranspose'],
  },
};

describe.each(KERNELS)('operators on %s kernels in blocks of %i', (kernels, block) => {
  const widths = [1, 1.5].flatMap((blocks) => Object.keys(cases).map((name) => [name, blocks] as const));
  it.each(widths)('%s, in channels of %f blocks', async (name, blocks) => {
    const { build, op = 'Conv', stays = [], reordered, tolerance = TOLERANCE } = cases[name]!;
    const { model, inputs } = build(blocks * block);
    const { error, output, lowered } = await compareLowerings(model, inputs, block, kernels);
    expect(error, output).toBeLessThan(tolerance);
    expect(blockedCount(lowered, op)).toBeGreaterThan(0);
    if (reordered !== undefined && blocks === 1)
      expect(blockedCount(lowered, 'ReorderOutput')).toBe(reordered);
    for (const left of stays)
      expect(standardCount(lowered, left), left).toBe(left === 'Relu' ? reluLeft(lowered) : 0);
  });
});

/** Variances are kept from falling below 0 by a Relu of one number a channel. */
const reluLeft = ({ graph }: Model): number =>
  graph.nodes.filter(({ op, inputs }) => op === 'Relu' && /Sub/.test(inputs[0]!)).length;

describe('what blocked kernels do not take', () => {
  it('double precision: the standard operator stays', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float64', [2, 16, 6, 6]);
    const w = g.input('w', 'float64', [16, 16, 3, 3]);
    const y = g.op('MaxPool', [g.op('Relu', [g.op('Conv', [x, w])])], { kernel_shape: [2, 2] });
    const loss = g.op('ReduceSum', [y], { keepdims: 0 });
    gradients(g, loss, [x, w]).forEach((gradient, i) => {
      g.output(gradient, `gradient.${i}`);
    });
    expect(blockedCount(lowerToBlocked(g.build(), 16, []))).toBe(0);
  });

  it('a batch of unknown size: the standard operator stays', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['N', 16, 6, 6]);
    const w = g.input('w', 'float32', [16, 16, 3, 3]);
    const loss = g.op('ReduceSum', [g.op('Relu', [g.op('Conv', [x, w])])], { keepdims: 0 });
    gradients(g, loss, [w]).forEach((gradient) => {
      g.output(gradient, 'gradient');
    });
    expect(blockedCount(lowerToBlocked(g.build(), 16, []))).toBe(0);
  });
});

describe('what no block divides', () => {
  it.each([
    ['channels', { x: [2, 20, 5, 5], w: [32, 20, 3, 3] }],
    ['outputs', { x: [2, 16, 5, 5], w: [20, 16, 3, 3] }],
    ['both', { x: [2, 5, 5, 5], w: [7, 5, 3, 3] }],
  ])('%s: the standard operator stands', async (_, variables) => {
    const { model, inputs } = differentiated(variables, (g, of) => g.op('Conv', [of('x'), of('w')]));
    const { error, lowered } = await compareLowerings(model, inputs, 16, 'emulated');
    expect(error).toBe(0);
    expect(blockedCount(lowered)).toBe(0);
  });
});
