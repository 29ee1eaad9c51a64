/** Operators that reduce over positions, or to one number. */
import { channelSums } from '../kernels/channels.js';
import { globalAveragePool as average } from '../kernels/operators.js';
import type { Rule } from '../node.js';
import { cutVector } from './vectors.js';

export const globalAveragePool: Rule = (c) => {
  const x = c.input(0);
  if (!x.blockable || !x.offers('channels')) return false;
  // Single positions are in plain order if no channels are filled up.
  c.output().set(x.fills('channels') ? 'channels' : 'plain', average(c.g, x.in('channels')));
  return true;
};

/** Full reductions, also of weights, and sums over all axes but channels. */
export const reduction: Rule = (c) => {
  const { g, node } = c;
  const x = c.input(0);
  const { sizes4: sizes, layout } = x;
  if (sizes === undefined || layout === undefined || layout === 'plain') return false;
  const axes = c.has(1) ? c.numbers(1) : c.ints('axes', []);
  if (axes === undefined) return false;
  const reduced = axes.map((axis) => c.axis(axis)).sort();
  const none = reduced.length === 0 && c.int('noop_with_empty_axes', 0) === 1;
  if (none) return false;
  const keepdims = c.int('keepdims', 1);
  if (reduced.length === 0 || reduced.length === 4) {
    if (x.fills(layout)) return false;
    const [sum] = g.custom('', node.op, 1, [x.in(layout)], { attributes: { keepdims } });
    c.output().set('plain', sum);
    return true;
  }
  if (node.op !== 'ReduceSum' || layout !== 'channels' || reduced.join() !== '0,2,3') return false;
  const sums = cutVector(g, channelSums(g, x.in(layout)), sizes[1]);
  c.output().set('plain', keepdims ? g.reshape(sums, [1, sizes[1], 1, 1]) : sums);
  return true;
};
