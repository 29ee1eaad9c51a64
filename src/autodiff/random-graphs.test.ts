/** Graphs put together at random: their gradients agree with differences, whatever follows on what. */
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { gradientError } from '../../test/support/gradcheck.js';
import { type GraphBuilder, tensor, type Value } from '../onnx/index.js';

const ROWS = 3;
const COLUMNS = 4;

/** Each takes two values of [3, 4] and gives one: any may follow on any. All are smooth and stay in bounds. */
const steps: readonly ((g: GraphBuilder, a: Value, b: Value) => Value)[] = [
  (g, a, b) => g.op('Add', [a, b]),
  (g, a, b) => g.op('Sub', [a, b]),
  (g, a, b) => g.op('Tanh', [g.op('Mul', [a, b])]),
  (g, a, b) => g.op('Div', [a, g.op('Add', [g.scalar(1, 'float64'), g.op('Mul', [b, b])])]),
  (g, a) => g.op('Sigmoid', [a]),
  (g, a) => g.op('Softmax', [a], { axis: 0 }),
  (g, a) => g.op('Tanh', [g.op('LogSoftmax', [a])]),
  (g, a) => g.op('Sin', [a]),
  (g, a) => g.op('Identity', [a]),
  (g, a, b) => g.op('Tanh', [g.op('MatMul', [a, g.op('MatMul', [g.op('Transpose', [b]), a])])]),
  (g, a, b) => g.op('Tanh', [g.op('MatMul', [g.op('Gemm', [a, b], { transB: 1, alpha: 0.5 }), b])]),
  (g, a, b) => g.op('Sub', [a, g.op('ReduceMean', [b, g.ints([1])])]),
  (g, a, b) => g.op('Add', [a, g.op('ReduceLogSumExp', [b, g.ints([0])], { keepdims: 0 })]),
  (g, a, b) => {
    const joined = g.op('Concat', [a, b], { axis: 1 });
    return g.op('Slice', [joined, g.ints([6]), g.ints([2]), g.ints([-1]), g.ints([-1])]);
  },
  (g, a) => g.reshape(g.op('Transpose', [g.reshape(a, [2, -1])]), [ROWS, COLUMNS]),
  (g, a, b) => {
    const [left, right] = g.ops('Split', 2, [a], { axis: 1, num_outputs: 2 });
    return g.op('Add', [b, g.op('Concat', [right, left], { axis: -1 })]);
  },
  (g, a) => g.op('Gather', [a, g.ints([2, 0, 2])], { axis: 0 }),
  (g, a) => g.op('Slice', [g.op('Pad', [a, g.ints([1, 2, 0, 0])]), g.ints([0, 1]), g.ints([3, 5])]),
  (g, a, b) => {
    const row = g.op('ReduceSum', [b, g.ints([0])], { keepdims: 0 });
    return g.op('Tanh', [g.op('Add', [a, g.op('Expand', [row, g.ints([ROWS, COLUMNS])])])]);
  },
  (g, a, b) => {
    const checks = Array.from({ length: ROWS * COLUMNS }, (_, i) => i % 2);
    return g.op('Where', [g.constant(tensor('', 'bool', [ROWS, COLUMNS], checks)), a, b]);
  },
  (g, a) => {
    const ones = g.op('Expand', [g.scalar(1, 'float64'), g.ints([COLUMNS])]);
    return g.op('LayerNormalization', [a, ones], { epsilon: 0.1 });
  },
];

/** A step, and from how far back it takes its values. */
const plan = fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(), fc.nat()), {
  minLength: 1,
  maxLength: 10,
});

describe('gradients of random graphs', () => {
  it('agree with central differences', async () => {
    await fc.assert(
      fc.asyncProperty(plan, fc.nat(1000), fc.boolean(), async (chosen, seed, open) => {
        const variable = { dims: [ROWS, COLUMNS], ...(open ? { declared: ['N', COLUMNS] } : {}) };
        const error = await gradientError({
          variables: { x: variable, y: { dims: [ROWS, COLUMNS] } },
          build: (g, { x, y }) => {
            const values = [x, y];
            for (const [k, i, j] of chosen) {
              values.push(steps[k]!(g, values[i % values.length]!, values[j % values.length]!));
            }
            // Every value matters, so that each is used once at least.
            return values;
          },
          seed,
        });
        return error < 1;
      }),
      { numRuns: 150, seed: 4 },
    );
  });
});
