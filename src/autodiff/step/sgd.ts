import { OPTIMIZER_DEFAULTS } from './defaults.js';
import type { Sgd } from './types.js';
import { checkSetting, decayedGradient, type UpdateRule } from './update-rule.js';

/**
 * d = gradient + decay · w; b ← momentum · b + d; w ← w − rate · b, or with Nesterov w − rate · (d + momentum · b).
 * https://pytorch.org/docs/stable/generated/torch.optim.SGD.html: its first b is d, as momentum · 0 + d is.
 */
export function sgd(options: Sgd): UpdateRule<'momentum'> {
  const { momentum, nesterov, weightDecay } = { ...OPTIMIZER_DEFAULTS.sgd, ...options };
  checkSetting('Momentum', momentum, 0, 1);
  checkSetting('Weight decay', weightDecay, 0, Number.POSITIVE_INFINITY);
  if (nesterov && momentum === 0) throw new RangeError('Nesterov needs a momentum above 0, found 0');
  return {
    slots: momentum === 0 ? [] : ['momentum'],
    weightDecay,
    group: (g, rate) => (p) => {
      const factor = g.scalar(momentum);
      const d = decayedGradient(g, p);
      const step = (direction: typeof d) => g.op('Sub', [p.weight, g.op('Mul', [direction, rate])]);
      if (momentum === 0) return { weight: step(d), slots: { momentum: d } };
      const b = g.op('Add', [g.op('Mul', [p.slots.momentum, factor]), d]);
      const direction = nesterov ? g.op('Add', [d, g.op('Mul', [b, factor])]) : b;
      return { weight: step(direction), slots: { momentum: b } };
    },
  };
}
