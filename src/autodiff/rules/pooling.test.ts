/** Poolings against central differences. */
import { describe, expect, it } from 'vitest';
import { execute } from '../../../test/support/execute.js';
import { gradientError, type Variable } from '../../../test/support/gradcheck.js';
import { lowerToStandard } from '../../lowering/standard/index.js';
import { float32, GraphBuilder } from '../../onnx/index.js';
import { gradients } from '../index.js';

const images: Variable = { dims: [2, 3, 7, 8], declared: ['N', 3, 7, 8] };
const lines: Variable = { dims: [2, 3, 9] };

const windows = [
  { kernel_shape: [2, 2], strides: [2, 2] },
  { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 },
  { kernel_shape: [3, 2], strides: [2, 3], pads: [1, 0, 2, 1], ceil_mode: 1 },
  { kernel_shape: [3, 3], strides: [1, 1], pads: [0, 1, 2, 0] },
  { kernel_shape: [1, 1], strides: [2, 2] },
  { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' },
  { kernel_shape: [2, 2], strides: [3, 2], auto_pad: 'SAME_LOWER' },
  { kernel_shape: [2, 3] },
];

const linear = { precision: 'float32', step: 0.5, tolerance: 1e-4 } as const;
/** Distances between elements are larger than the step, so that no difference reaches over a change of places. */
const distinct = (count: number) => Array.from({ length: count }, (_, i) => ((i * 37) % count) / 8);
const pointed = { precision: 'float32', step: 0.03, tolerance: 1e-4 } as const;

describe('the gradient of MaxPool', () => {
  it.each([...windows, { kernel_shape: [2, 2], dilations: [2, 3], strides: [1, 2], pads: [1, 1, 1, 1] }])(
    '%j',
    async (attributes) => {
      const error = await gradientError({
        variables: { x: { ...images, values: distinct(2 * 3 * 7 * 8) } },
        build: (g, { x }) => g.op('MaxPool', [x], attributes),
        ...pointed,
      });
      expect(error).toBeLessThan(1);
    },
  );

  it('along one axis', async () => {
    const error = await gradientError({
      variables: { x: { ...lines, values: distinct(54) } },
      build: (g, { x }) => g.op('MaxPool', [x], { kernel_shape: [3], strides: [2], pads: [1, 1] }),
      ...pointed,
    });
    expect(error).toBeLessThan(1);
  });

  it('goes to the first of equal elements, as in PyTorch', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [1, 1, 2, 4]);
    const y = g.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
    const [dx] = gradients(g, g.op('ReduceSum', [y], { keepdims: 0 }), [x]);
    g.output(dx!, 'dx');
    const model = lowerToStandard(g.build());
    const result = await execute(model, [float32('x', [1, 1, 2, 4], [0, 0, 1, 2, 0, 0, 2, 2])]);
    expect([...(result.get('dx')!.values as Float32Array)]).toEqual([1, 0, 0, 1, 0, 0, 0, 0]);
  });
});

describe('the gradient of AveragePool', () => {
  it.each(windows)('%j', async (attributes) => {
    for (const count_include_pad of [0, 1]) {
      const error = await gradientError({
        variables: { x: images },
        build: (g, { x }) => g.op('AveragePool', [x], { ...attributes, count_include_pad }),
        ...linear,
      });
      expect(error).toBeLessThan(1);
    }
  });

  it('with dilation, and along one axis', async () => {
    const attributes = { kernel_shape: [2, 3], dilations: [2, 2], strides: [2, 1], pads: [1, 2, 0, 1] };
    const dilated = await gradientError({
      variables: { x: images },
      build: (g, { x }) => g.op('AveragePool', [x], attributes),
      ...linear,
    });
    expect(dilated).toBeLessThan(1);
    const line = await gradientError({
      variables: { x: lines },
      build: (g, { x }) => g.op('AveragePool', [x], { kernel_shape: [3], strides: [2], pads: [1, 0] }),
      ...linear,
    });
    expect(line).toBeLessThan(1);
  });
});

describe('the gradients of global pooling', () => {
  it('GlobalAveragePool, of sizes known and open', async () => {
    for (const declared of [images.dims, ['N', 3, null, 'W']]) {
      const error = await gradientError({
        variables: { x: { ...images, declared } },
        build: (g, { x }) => g.op('GlobalAveragePool', [x]),
        ...linear,
      });
      expect(error).toBeLessThan(1);
    }
  });

  it('GlobalMaxPool', async () => {
    const error = await gradientError({
      variables: { x: { ...images, values: distinct(336) } },
      build: (g, { x }) => g.op('GlobalMaxPool', [x]),
      ...pointed,
    });
    expect(error).toBeLessThan(1);
  });
});
