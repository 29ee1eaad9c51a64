/** The gradient of Relu, and of Clip between 0 and a ceiling. */
import type { GraphBuilder, Value } from '../../onnx/index.js';
import { reluMask } from '../relu-mask.js';
import type { ReplacementRule } from '../replacement.js';

/** dy times a mask of where y is above 0 and below the ceiling. HardSigmoid exists only for single precision. */
export const reluGradient: ReplacementRule = (c) => {
  const { g } = c;
  const [dy, y] = [c.input(0), c.input(1)];
  const ceiling = c.float('ceiling', Number.POSITIVE_INFINITY);
  return [g.op('Mul', [dy, y.dtype === 'float32' ? reluMask(g, y, ceiling) : comparedMask(g, y, ceiling)])];
};

function comparedMask(g: GraphBuilder, y: Value, ceiling: number): Value {
  const above = g.op('Greater', [y, g.scalar(0, y)]);
  const inside =
    ceiling === Number.POSITIVE_INFINITY
      ? above
      : g.op('And', [above, g.op('Less', [y, g.scalar(ceiling, y)])]);
  return g.op('Cast', [inside], { to: y.dtype });
}
