/** Reductions over rows, `[N, K]` to `[N]`. */
import type { GraphBuilder, Value } from '../onnx/index.js';

export const sumOfRows = (g: GraphBuilder, x: Value): Value =>
  g.op('ReduceSum', [x, g.ints([1])], { keepdims: 0 });

/** The largest of each row as `[N, 1]`. */
const largestOfRows = (g: GraphBuilder, x: Value): Value => g.reduce('ReduceMax', x, [1], { keepdims: 1 });

/** `[N]` as `[N, 1]`. */
export const asColumn = (g: GraphBuilder, x: Value): Value => g.op('Unsqueeze', [x, g.ints([1])]);

/**
 * log Σ exp x of each row. Shifted by an integer near the row's maximum: as safe as the maximum itself, but without a
 * gradient, which would cancel out.
 */
export function logSumExp(g: GraphBuilder, x: Value): Value {
  const shift = g.op('Ceil', [largestOfRows(g, x)]);
  const sum = sumOfRows(g, g.op('Exp', [g.op('Sub', [x, shift])]));
  return g.op('Add', [g.op('Log', [sum]), g.op('Squeeze', [shift, g.ints([1])])]);
}
