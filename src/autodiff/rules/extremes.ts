/** Min and Max of several tensors. Where inputs tie, they share the gradient evenly. */
import type { Value } from '../../onnx/index.js';
import type { GradientRule, GradientRules } from '../context.js';
import { reduceTo } from './arithmetic.js';

const extreme: GradientRule = (c) => {
  const { g } = c;
  const y = c.output();
  const chosen = c.inputs.map(
    (_, i): Value => g.op('Cast', [g.op('Equal', [c.input(i), y])], { to: y.dtype }),
  );
  const ties = chosen.reduce((a, b) => g.op('Add', [a, b]));
  const share = g.op('Div', [c.dy, ties]);
  return chosen.map((mask, i) => (c.needs(i) ? reduceTo(c, i, g.op('Mul', [share, mask])) : undefined));
};

export const extremes: GradientRules = { Max: extreme, Min: extreme };
