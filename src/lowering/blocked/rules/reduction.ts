/** Operators that reduce over positions, or to one number. */
import type { Value } from '../../../onnx/index.js';
import { channelProducts, channelSums, planeProducts, planeSums } from '../kernels/channels.js';
import { globalAveragePool as average } from '../kernels/operators.js';
import type { Rule } from '../node.js';
import { summedFactors } from './multiply.js';
import { cutVector } from './vectors.js';

export const globalAveragePool: Rule = (c) => {
  const x = c.input(0);
  if (!x.blockable || !x.offers('channels')) return false;
  // Single positions are in plain order if no channels are filled up.
  c.output().set(x.fills('channels') ? 'channels' : 'plain', average(c.g, x.in('channels')));
  return true;
};

/** Full reductions, also of weights, and sums over positions, of each channel or each channel of each image. */
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
  if (node.op !== 'ReduceSum' || layout !== 'channels') return false;
  const factors = () => summedFactors(x)?.map((factor) => factor.in(layout)) as [Value, Value] | undefined;
  if (reduced.join() === '0,2,3') {
    const multiplied = factors();
    const all = multiplied ? channelProducts(g, ...multiplied) : channelSums(g, x.in(layout));
    const sums = cutVector(g, all, sizes[1]);
    c.output().set('plain', keepdims ? g.reshape(sums, [1, sizes[1], 1, 1]) : sums);
    return true;
  }
  const perPlane = reduced.join() === '2,3' && x.blockable !== undefined;
  if (!perPlane || (!keepdims && x.fills(layout))) return false;
  const multiplied = factors();
  const sums = multiplied ? planeProducts(g, ...multiplied) : planeSums(g, x.in(layout));
  if (keepdims) c.output().set(x.fills(layout) ? 'channels' : 'plain', sums);
  else c.output().set('plain', g.reshape(sums, sizes.slice(0, 2)));
  return true;
};
