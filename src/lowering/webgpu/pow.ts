import type { ReplacementRule } from '../replacement.js';

/**
 * The provider's kernel fails if it is vectorized and broadcasts (1.30): "raw_hash_map::at". So both operands are
 * expanded to their common shape.
 */
export const pow: ReplacementRule = (c) => {
  const { g } = c;
  const [base, exponent] = [c.shape(0), c.shape(1)];
  if (base === undefined || exponent === undefined || base.length === 0 || exponent.length === 0)
    return undefined;
  if (base.join() === exponent.join() && base.every((d) => d !== null)) return undefined;
  const expanded = g.op('Expand', [c.input(0), g.op('Shape', [c.input(1)])]);
  return [g.op('Pow', [expanded, g.op('Expand', [c.input(1), g.op('Shape', [expanded])])])];
};
