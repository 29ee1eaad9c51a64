/** Where: a choice between two tensors, element by element. */
import type { GradientRule, GradientRules } from '../context.js';
import { reduceTo } from './arithmetic.js';

const where: GradientRule = (c) => {
  const { g, dy } = c;
  const zero = g.scalar(0, dy);
  const condition = c.input(0);
  return [
    undefined,
    c.needs(1) ? reduceTo(c, 1, g.op('Where', [condition, dy, zero])) : undefined,
    c.needs(2) ? reduceTo(c, 2, g.op('Where', [condition, zero, dy])) : undefined,
  ];
};

export const selection: GradientRules = { Where: where };
