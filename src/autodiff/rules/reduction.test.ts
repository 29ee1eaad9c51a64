/** Reductions and softmax against central differences. */
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../../test/support/gradcheck.js';
import type { OperatorName } from '../../onnx/index.js';

const operators: readonly OperatorName[] = [
  'ReduceSum',
  'ReduceMean',
  'ReduceMax',
  'ReduceMin',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSum',
  'ReduceLogSumExp',
];

const axesOf: readonly (readonly number[] | undefined)[] = [[1], [-1], [0, 2], [0, 1, 2], [-2, 0], undefined];

describe('gradients of reductions', () => {
  for (const op of operators) {
    it.each(axesOf)(`${op} over %j`, async (axes) => {
      // Kernels for double precision are missing of some.
      const precision = ['ReduceL1', 'ReduceL2', 'ReduceLogSum'].includes(op) ? 'float32' : 'float64';
      const values = Array.from({ length: 24 }, (_, i) => 0.2 + ((i * 7) % 24) / 10);
      for (const keepdims of [0, 1]) {
        for (const declared of [
          [2, 3, 4],
          ['N', null, 4],
        ]) {
          const error = await gradientError({
            variables: { x: { dims: [2, 3, 4], declared, values } },
            build: (g, { x }) => g.op(op as 'ReduceSum', [x, axes && g.ints(axes)], { keepdims }),
            precision,
          });
          expect(error).toBeLessThan(1);
        }
      }
    });
  }

  it('with axes in an attribute, before opset 18', async () => {
    const error = await gradientError({
      variables: { x: { dims: [2, 3, 4] } },
      build: (g, { x }) => g.op('ReduceMean', [x], { axes: [-1, 0], keepdims: 0 }),
      opset: 17,
    });
    expect(error).toBeLessThan(1);
  });

  it('over no axis at all', async () => {
    for (const op of ['ReduceSum', 'ReduceSumSquare'] as const) {
      const error = await gradientError({
        variables: { x: { dims: [2, 3] } },
        build: (g, { x }) => g.op(op, [x, g.ints([])], { noop_with_empty_axes: 1 }),
      });
      expect(error).toBeLessThan(1);
    }
  });
});

describe('gradients of softmax', () => {
  for (const op of ['Softmax', 'LogSoftmax'] as const) {
    it.each([undefined, 0, 1, -1, -2])(`${op} along axis %s`, async (axis) => {
      const error = await gradientError({
        variables: { x: { dims: [2, 3, 4], declared: ['N', 3, 4], range: [-2, 2] } },
        build: (g, { x }) => g.op(op, [x], axis === undefined ? {} : { axis }),
      });
      expect(error).toBeLessThan(1);
    });
  }
});
