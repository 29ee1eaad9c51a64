import type { GradientRule, GradientRules } from '../context.js';
import { sumOver } from '../shaping.js';

/** y(dy − Σ dy·y) */
const softmaxRule: GradientRule = (c) => {
  const { g, dy } = c;
  const y = c.output();
  const weighted = g.op('Mul', [dy, y]);
  const total = sumOver(g, weighted, [c.int('axis', -1)], true);
  return [g.op('Sub', [weighted, g.op('Mul', [y, total])])];
};

/** dy − eʸ Σ dy */
const logSoftmax: GradientRule = (c) => {
  const { g, dy } = c;
  const total = sumOver(g, dy, [c.int('axis', -1)], true);
  return [g.op('Sub', [dy, g.op('Mul', [g.op('Exp', [c.output()]), total])])];
};

export const softmax: GradientRules = { Softmax: softmaxRule, LogSoftmax: logSoftmax };
