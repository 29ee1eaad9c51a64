/** What an optimizer is set to where nothing is given, in code and in recipes: as torch.optim has it. */
import type { Adam, Optimizer, Sgd } from './types.js';

type Settings<O extends Optimizer> = Required<Omit<O, 'kind' | 'corrections'>>;

const MOMENTS = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

export const OPTIMIZER_DEFAULTS: {
  readonly sgd: Settings<Sgd>;
  readonly adam: Settings<Adam>;
  readonly adamw: Settings<Adam>;
} = {
  sgd: { momentum: 0, nesterov: false, weightDecay: 0 },
  adam: { ...MOMENTS, weightDecay: 0 },
  adamw: { ...MOMENTS, weightDecay: 0.01 },
};
