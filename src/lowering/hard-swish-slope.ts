/** How steep HardSwish is. */
import type { GraphBuilder, Value } from '../onnx/index.js';
import { STEEP } from './relu-mask.js';

/**
 * The slope of x·h with h = max(0, min(1, x/6 + 1/2)), float32: h, plus x/6 between −3 and 3. That is x times a mask,
 * min(max(S·(3 − |x|), 0), 1), whose passes take half the time of comparisons and Where.
 */
export function hardSwishSlope(g: GraphBuilder, x: Value): Value {
  const mask = g.op('HardSigmoid', [g.op('Abs', [x])], { alpha: -STEEP, beta: 3 * STEEP });
  const inside = g.op('Mul', [g.op('Mul', [mask, x]), g.scalar(1 / 6)]);
  return g.op('Add', [inside, g.op('HardSigmoid', [x], { alpha: 1 / 6, beta: 1 / 2 })]);
}
