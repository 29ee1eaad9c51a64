/** Where a ReLU let a value through. */
import type { GraphBuilder, Value } from '../onnx/index.js';

/** A power of two, so that products are exact, and steep enough that any non-tiny number gives 1. */
export const STEEP = 2 ** 100;

/**
 * 1 where 0 < y < ceiling, 0 elsewhere, of float32 outputs y of a ReLU. A steep HardSigmoid computes a numeric mask in
 * half the time of a comparison and a cast. With a ceiling it is applied to the distance from the middle,
 * min(max(S·(c/2 − |y − c/2|), 0), 1): Sub allocates, the operators after it work in place. A y within rounding of a
 * bound counts as equal to it.
 */
export function reluMask(g: GraphBuilder, y: Value, ceiling: number): Value {
  if (ceiling === Number.POSITIVE_INFINITY) return g.op('HardSigmoid', [y], { alpha: STEEP, beta: 0 });
  const half = ceiling / 2;
  const distance = g.op('Abs', [g.op('Sub', [y, g.scalar(half)])]);
  return g.op('HardSigmoid', [distance], { alpha: -STEEP, beta: STEEP * Math.fround(half) });
}
