/** Dropout: inputs x, ratio, training mode; outputs y and the mask of what was kept. */
import type { GradientRule, GradientRules } from '../context.js';

const DEFAULT_RATIO = 0.5;

const rule: GradientRule = (c) => {
  const { g, dy } = c;
  const training = c.has(2) ? c.numbers(2)?.[0] : 0;
  if (training === 0) return [dy];
  const mask = c.given(1) ?? c.fail("its mask, output 1, is needed: build it with g.ops('Dropout', 2, ...)");
  const known = c.has(1) ? c.numbers(1)?.[0] : DEFAULT_RATIO;
  const ratio = () => {
    const given = c.input(1);
    return given.dtype === dy.dtype ? given : g.op('Cast', [given], { to: dy.dtype });
  };
  const one = g.scalar(1, dy);
  const kept = known === undefined ? g.op('Sub', [one, ratio()]) : g.scalar(1 - known, dy);
  // If the training mode is known only at run time, the mask keeps everything in inference, and nothing is scaled.
  const divisor = training === undefined ? g.op('Where', [c.input(2), kept, one]) : kept;
  return [g.op('Div', [g.op('Mul', [dy, g.op('Cast', [mask], { to: dy.dtype })]), divisor])];
};

export const dropout: GradientRules = { Dropout: rule };
