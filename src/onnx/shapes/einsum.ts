/** Sums over products, written as an equation of subscripts. */
import type { Dim } from '../graph.js';
import { formatShape, one, type Rule, type Rules } from './context.js';
import { same } from './dims.js';

const einsum: Rule = (c) => {
  const dtype = c.dtype(0);
  const equation = c.string('equation', '').replaceAll(' ', '');
  // The dimensions of an ellipsis broadcast between the terms; its rank is left unknown.
  if (equation.includes('.')) return one({ dtype, shape: undefined });
  const [left = '', right] = equation.split('->');
  const sizes = new Map<string, Dim>();
  for (const [i, term] of left.split(',').entries()) {
    const shape = c.shape(i);
    if (shape !== undefined && shape.length !== term.length) {
      c.fail(`subscripts '${term}' do not fit ${formatShape(shape)}`);
    }
    for (const [axis, letter] of [...term].entries()) {
      const size = same(sizes.get(letter) ?? null, shape?.[axis] ?? null);
      if (size === undefined) return c.fail(`the sizes of subscript '${letter}' in '${equation}' differ`);
      sizes.set(letter, size);
    }
  }
  // Without an arrow: the subscripts that occur once, in alphabetical order.
  const letters =
    right ??
    [...sizes.keys()]
      .filter((s) => left.split(s).length === 2)
      .sort()
      .join('');
  return one({ dtype, shape: [...letters].map((s) => sizes.get(s) ?? null) });
};

export const contraction: Rules = { Einsum: einsum };
