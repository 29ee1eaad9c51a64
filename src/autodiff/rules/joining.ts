/** Concat and Split. */
import type { Value } from '../../onnx/index.js';
import type { GradientRule, GradientRules } from '../context.js';
import { sizeOf, zerosLike } from '../shaping.js';

const concat: GradientRule = (c) => {
  const { g, dy } = c;
  const axis = c.axis(c.int('axis', 0));
  const sizes = c.inputs.map((_, i) => c.input(i).shape?.[axis]);
  if (!sizes.every((d) => typeof d === 'number')) {
    const lengths = g.op(
      'Concat',
      c.inputs.map((_, i) => sizeOf(g, c.input(i), axis)),
      { axis: 0 },
    );
    return g.ops('Split', c.inputs.length, [dy, lengths], { axis });
  }
  let end = 0;
  return sizes.map((size, i) => {
    const start = end;
    end += size;
    return c.needs(i) ? g.op('Slice', [dy, g.ints([start]), g.ints([end]), g.ints([axis])]) : undefined;
  });
};

const split: GradientRule = (c) => {
  const parts = c.gradients.map((dy, i): Value => dy ?? zerosLike(c.g, c.output(i)));
  return [c.g.op('Concat', parts, { axis: c.int('axis', 0) })];
};

export const joining: GradientRules = { Concat: concat, Split: split };
