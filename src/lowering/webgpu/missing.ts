/** Operators that the provider has no kernel of. Left to the CPU, each would have its tensors copied there and back. */
import type { Value } from '../../onnx/index.js';
import type { ReplacedNode, ReplacementRule } from '../replacement.js';

/** x − max − log Σ exp(x − max), which does not overflow for large x. */
export const logSoftmax: ReplacementRule = (c) => {
  const { g } = c;
  const x = c.input(0);
  const axis = c.int('axis', -1);
  const below = g.op('Sub', [x, g.reduce('ReduceMax', x, [axis], { keepdims: 1 })]);
  const total = g.op('ReduceSum', [g.op('Exp', [below]), g.ints([axis])], { keepdims: 1 });
  return [g.op('Sub', [below, g.op('Log', [total])])];
};

const added = (c: ReplacedNode): Value =>
  c.inputs.map((_, i) => c.input(i)).reduce((a, b) => c.g.op('Add', [a, b]));

/** A sum of one term is that term. */
export const sum: ReplacementRule = (c) => [
  c.inputs.length === 1 ? c.g.op('Identity', [c.input(0)]) : added(c),
];

export const mean: ReplacementRule = (c) => [
  c.g.op('Mul', [added(c), c.g.scalar(1 / c.inputs.length, c.input(0))]),
];

/** (x > 0) − (x < 0) */
export const sign: ReplacementRule = (c) => {
  const { g } = c;
  const x = c.input(0);
  const mask = (comparison: 'Greater' | 'Less') =>
    g.op('Cast', [g.op(comparison, [x, g.scalar(0, x)])], { to: x.dtype });
  return [g.op('Sub', [mask('Greater'), mask('Less')])];
};
