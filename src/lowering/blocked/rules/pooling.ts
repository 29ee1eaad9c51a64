/** Pooling of what lies in blocks, and the gradient of max pooling. */
import { maxPoolGradient as gradient, hasMaxPoolGradient } from '../kernels/max-pool-gradient.js';
import { averagePool as average, maxPool as largest } from '../kernels/operators.js';
import { places, type Window2d } from '../kernels/window.js';
import type { BlockedNode, Rule } from '../node.js';
import type { BlockedValue } from '../value.js';
import { pair, windowOf } from './geometry.js';

export const averagePool: Rule = (c) => {
  const x = c.input(0);
  const window = windowOn(c, x);
  if (window === undefined || c.int('ceil_mode', 0) === 1 || window.dilations.some((d) => d !== 1))
    return false;
  const countPadding = c.int('count_include_pad', 0) === 1;
  c.output().set('channels', average(c.g, x.in('channels'), window, countPadding));
  return true;
};

export const maxPool: Rule = (c) => {
  const x = c.input(0);
  const window = windowOn(c, x);
  if (window === undefined || c.outputs.length > 1 || c.int('ceil_mode', 0) === 1) return false;
  c.output().set('channels', largest(c.g, x.in('channels'), window));
  return true;
};

/** The window over a value available in the layout `channels`. */
function windowOn(c: BlockedNode, x: BlockedValue): Window2d | undefined {
  const sizes = x.blockable;
  if (!sizes || !x.offers('channels')) return undefined;
  return windowOf(c, pair(c.ints('kernel_shape', [])), [sizes[2], sizes[3]]);
}

export const maxPoolGradient: Rule = (c) => {
  const [dy, x, y] = [c.input(0), c.input(1), c.input(2)];
  const window = windowOn(c, x);
  const [sizes, found] = [x.blockable, y.blockable];
  if (window === undefined || sizes === undefined || found === undefined) return false;
  if (!hasMaxPoolGradient(window) || places(sizes[3], window, 1) !== found[3]) return false;
  c.output().set('channels', gradient(c, dy, x, y, window));
  return true;
};
