/** Linear maps along an axis. */
import { type GraphBuilder, tensor, type Value } from '../onnx/index.js';

/** A matrix in row-major order. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

export const zeroMatrix = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: new Float64Array(rows * columns),
});

/**
 * The transpose of a map applied along an axis of `dy`: where y = M·x along the axis, with M `[out, in]`, the
 * gradient is Mᵀ·dy. A product of matrices, which every device has.
 */
export function alongAxisTransposed(g: GraphBuilder, dy: Value, axis: number, map: Matrix): Value {
  const m = g.constant(tensor('', dy.dtype, [map.rows, map.columns], map.values));
  const last = dy.shape!.length - 1;
  if (axis === last) return g.op('MatMul', [dy, m]);
  if (axis === last - 1) return g.op('MatMul', [g.op('Transpose', [m], { perm: [1, 0] }), dy]);
  const swap = Array.from({ length: last + 1 }, (_, i) => (i === axis ? last : i === last ? axis : i));
  const moved = g.op('Transpose', [dy], { perm: swap });
  return g.op('Transpose', [g.op('MatMul', [moved, m])], { perm: swap });
}
