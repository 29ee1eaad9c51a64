/** Update rules by their names, each in PyTorch's form: https://pytorch.org/docs/stable/optim.html */
import { adam } from './adam.js';
import { sgd } from './sgd.js';
import type { Optimizer } from './types.js';
import type { UpdateRule } from './update-rule.js';

/** @throws RangeError for a setting out of its range. */
export function updateRule(optimizer: Optimizer): UpdateRule {
  return (optimizer.kind === 'sgd' ? sgd(optimizer) : adam(optimizer)) as UpdateRule;
}
