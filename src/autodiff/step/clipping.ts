import type { GraphBuilder, Value } from '../../onnx/index.js';

/** Keeps the quotient finite for gradients of 0, as torch.nn.utils.clip_grad_norm_ does. */
const EPSILON = 1e-6;

/**
 * The Euclidean norm of several tensors taken as one vector, a scalar. All elements are treated alike, so a lowering
 * may sum them in any order.
 */
export function globalNorm(g: GraphBuilder, tensors: readonly Value[]): Value {
  const squares = tensors.map((t) => g.op('ReduceSum', [g.op('Mul', [t, t])], { keepdims: 0 }));
  return g.op('Sqrt', [squares.length === 1 ? squares[0]! : g.op('Sum', squares)]);
}

/** The factor that scales a vector of this norm down to `longest` if it is longer: a scalar of at most 1. */
export function clipFactor(g: GraphBuilder, norm: Value, longest: number): Value {
  const quotient = g.op('Div', [g.scalar(longest), g.op('Add', [norm, g.scalar(EPSILON)])]);
  return g.op('Min', [quotient, g.scalar(1)]);
}
