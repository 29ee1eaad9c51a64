/** Products of matrices against central differences. */
import { describe, expect, it } from 'vitest';
import { gradientError } from '../../../test/support/gradcheck.js';

const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [3, 4],
  ],
  [[3], [3, 4]],
  [[2, 3], [3]],
  [[3], [3]],
  [
    [5, 2, 3],
    [3, 4],
  ],
  [
    [2, 3],
    [5, 3, 4],
  ],
  [[5, 2, 3], [3]],
  [[3], [5, 3, 4]],
  [
    [2, 1, 2, 3],
    [4, 3, 2],
  ],
  [
    [2, 4, 2, 3],
    [2, 4, 3, 2],
  ],
];

describe('the gradient of MatMul', () => {
  it.each(shapes)('%j times %j', async (a, b) => {
    const error = await gradientError({
      variables: { a: { dims: a }, b: { dims: b } },
      build: (g, v) => g.op('MatMul', [v.a, v.b]),
    });
    expect(error).toBeLessThan(1);
  });

  it('of stacks and rows of any number', async () => {
    const error = await gradientError({
      variables: {
        a: { dims: [5, 2, 3], declared: ['N', 'T', 3] },
        b: { dims: [3, 4] },
        c: { dims: [1, 4, 2], declared: ['K', 4, 2] },
      },
      build: (g, v) => g.op('MatMul', [g.op('MatMul', [v.a, v.b]), v.c]),
    });
    expect(error).toBeLessThan(1);
  });
});

describe('the gradient of Gemm', () => {
  const flags = [0, 1].flatMap((transA) => [0, 1].map((transB) => ({ transA, transB })));
  it.each(flags)('%j', async ({ transA, transB }) => {
    for (const c of [[], [4], [1, 4], [2, 1], [2, 4]]) {
      const error = await gradientError({
        variables: {
          a: { dims: transA ? [3, 2] : [2, 3], declared: transA ? [3, 'N'] : ['N', 3] },
          b: { dims: transB ? [4, 3] : [3, 4] },
          c: { dims: c },
        },
        build: (g, v) => g.op('Gemm', [v.a, v.b, v.c], { transA, transB, alpha: 0.7, beta: -1.3 }),
      });
      expect(error).toBeLessThan(1);
    }
  });

  it('without an addend', async () => {
    const error = await gradientError({
      variables: { a: { dims: [2, 3] }, b: { dims: [3, 4] } },
      build: (g, v) => g.op('Gemm', [v.a, v.b]),
    });
    expect(error).toBeLessThan(1);
  });
});
