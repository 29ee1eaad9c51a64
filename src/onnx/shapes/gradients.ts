/** The gradient operators of our own (see gradient-operators.ts). */
import type { Rule, Rules, ShapeContext } from './context.js';

const like =
  (input: number): Rule =>
  (c) => [{ dtype: c.dtype(input), shape: c.shape(input) }];

const required = (c: ShapeContext, name: string): readonly number[] =>
  c.ints(name) ?? c.fail(`attribute '${name}' is missing`);

const convInput: Rule = (c) => {
  const perGroup = c.shape(1)?.[1];
  const channels = typeof perGroup === 'number' ? perGroup * c.int('group', 1) : null;
  return [{ dtype: c.dtype(0), shape: [c.shape(0)?.[0] ?? null, channels, ...required(c, 'spatial')] }];
};

const convWeight: Rule = (c) => {
  const all = c.shape(1)?.[1];
  const perGroup = typeof all === 'number' ? all / c.int('group', 1) : null;
  return [{ dtype: c.dtype(0), shape: [c.shape(0)?.[1] ?? null, perGroup, ...required(c, 'kernel_shape')] }];
};

const channels = (c: ShapeContext, input: number) => ({
  dtype: c.dtype(input),
  shape: [c.shape(input)?.[1] ?? null],
});

export const gradients: Rules = {
  ConvInputGradient: convInput,
  ConvWeightGradient: convWeight,
  ReluGradient: like(0),
  HardSwishGradient: like(0),
  MaxPoolGradient: like(1),
  BatchStatistics: (c) => [channels(c, 0), channels(c, 0)],
  BatchNormGradient: (c) => [{ dtype: c.dtype(1), shape: c.shape(1) }, channels(c, 1), channels(c, 1)],
};
