/** Products of matrices. */
import type { GraphBuilder, Value } from '../../onnx/index.js';
import type { GradientRule, GradientRules } from '../context.js';
import { reshapeLike, sizeOf, sumTo } from '../shaping.js';

function transposed(g: GraphBuilder, x: Value): Value {
  const rank = x.shape!.length;
  const axes = Array.from({ length: rank }, (_, i) => i);
  return g.op('Transpose', [x], { perm: [...axes.slice(0, -2), rank - 1, rank - 2] });
}

const unsqueeze = (g: GraphBuilder, x: Value, axis: number): Value => g.op('Unsqueeze', [x, g.ints([axis])]);

const dynamicRows = (g: GraphBuilder, x: Value): Value =>
  g.op('Concat', [g.ints([-1]), sizeOf(g, x, x.shape!.length - 1)], { axis: 0 });

/** A stack of matrices as one, its rows below each other. */
const stacked = (g: GraphBuilder, x: Value): Value =>
  typeof x.shape!.at(-1) === 'number'
    ? g.reshape(x, [-1, x.size(-1)])
    : g.op('Reshape', [x, dynamicRows(g, x)]);

/** dA = dY·Bᵀ and dB = Aᵀ·dY, summed over the batch axes along which a factor was broadcast. */
const matMul: GradientRule = (c) => {
  const { g } = c;
  const [rankA, rankB] = [c.rank(0), c.rank(1)];
  // A vector is a matrix of one row on the left and of one column on the right.
  const a = rankA === 1 ? unsqueeze(g, c.input(0), 0) : c.input(0);
  const b = rankB === 1 ? unsqueeze(g, c.input(1), 1) : c.input(1);
  const column = rankB === 1 ? unsqueeze(g, c.dy, -1) : c.dy;
  const dy = rankA === 1 ? unsqueeze(g, column, -2) : column;
  const stack = dy.shape!.slice(0, -2);
  const [rows, inner, columns] = [a.shape!.at(-2)!, a.shape!.at(-1)!, b.shape!.at(-1)!];

  const left = () => sumTo(g, g.op('MatMul', [dy, transposed(g, b)]), [...stack, rows, inner], a);
  // If one matrix multiplies many, they form one tall matrix, and nothing has to be summed afterwards.
  const right = () =>
    b.shape!.length === 2 && a.shape!.length > 2
      ? g.op('Gemm', [stacked(g, a), stacked(g, dy)], { transA: 1 })
      : sumTo(g, g.op('MatMul', [transposed(g, a), dy]), [...stack, inner, columns], b);
  return [
    c.needs(0) ? reshapeLike(g, left(), c.input(0)) : undefined,
    c.needs(1) ? reshapeLike(g, right(), c.input(1)) : undefined,
  ];
};

/** Y = αA'B' + βC with A' and B' transposed as the node says. */
const gemm: GradientRule = (c) => {
  const { g, dy } = c;
  const [a, b] = [c.input(0), c.input(1)];
  const [transA, transB] = [c.int('transA', 0), c.int('transB', 0)];
  const alpha = c.float('alpha', 1);
  const beta = c.float('beta', 1);
  const dA = () =>
    transA
      ? g.op('Gemm', [b, dy], { alpha, transA: transB, transB: 1 })
      : g.op('Gemm', [dy, b], { alpha, transB: 1 - transB });
  const dB = () =>
    transB
      ? g.op('Gemm', [dy, a], { alpha, transA: 1, transB: transA })
      : g.op('Gemm', [a, dy], { alpha, transA: 1 - transA });
  const dC = () => {
    const sum = sumTo(g, dy, c.output().shape, c.input(2));
    return beta === 1 ? sum : g.op('Mul', [sum, g.scalar(beta, sum)]);
  };
  return [c.needs(0) ? dA() : undefined, c.needs(1) ? dB() : undefined, c.needs(2) ? dC() : undefined];
};

export const matmul: GradientRules = { MatMul: matMul, Gemm: gemm };
