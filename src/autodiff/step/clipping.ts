import type { GraphBuilder, Value } from '../../onnx/index.js';

/** Keeps the quotient finite for gradients of 0, as torch.nn.utils.clip_grad_norm_ does. */
const EPSILON = 1e-6;

/** The Euclidean norm of several tensors taken as one vector, a scalar. */
export function globalNorm(g: GraphBuilder, tensors: readonly Value[]): Value {
  const squares = tensors.map((t) => sumOfSquares(g, t));
  return g.op('Sqrt', [squares.length === 1 ? squares[0]! : g.op('Sum', squares)]);
}

/**
 * Row by row: a single sum in float32 over millions of elements loses four digits, rows of thousands two. As a matrix,
 * because ONNX Runtime's reductions over several axes take four times as long.
 */
function sumOfSquares(g: GraphBuilder, x: Value): Value {
  if ((x.shape?.length ?? 0) < 2) return g.op('ReduceSumSquare', [x], { keepdims: 0 });
  const matrix = g.reshape(x, [x.size(0), -1]);
  const rows =
    g.opset < 18
      ? g.op('ReduceSumSquare', [matrix], { axes: [1], keepdims: 0 })
      : g.op('ReduceSumSquare', [matrix, g.ints([1])], { keepdims: 0 });
  return g.op('ReduceSum', [rows], { keepdims: 0 });
}

/** The factor that shortens a vector of that norm to `longest` where it is longer, a scalar of 1 at most. */
export function clipFactor(g: GraphBuilder, norm: Value, longest: number): Value {
  const quotient = g.op('Div', [g.scalar(longest), g.op('Add', [norm, g.scalar(EPSILON)])]);
  return g.op('Min', [quotient, g.scalar(1)]);
}
