/** Operators that reduce, repeat, join or split along channels. */
import { intAttribute, intsAttribute } from '../../../onnx/index.js';
import type { Rule } from '../blocking.js';
import { globalAveragePool as average } from '../kernels/operators.js';
import { channelSums } from './moments.js';

export const globalAveragePool: Rule = (b, node) => {
  const [x] = node.inputs as [string];
  if (!b.store.blockable(x) || !b.store.offered(x).includes('channels')) return false;
  b.store.set(node.outputs[0]!, 'plain', average(b.g, b.store.in(x, 'channels')));
  return true;
};

/** One number a channel repeated over all positions, in either layout as it is asked for. */
export const expand: Rule = (b, node) => {
  const { g, store } = b;
  const [x, shape] = node.inputs as [string, string];
  const [from, to] = [store.sizes(x), store.blockable(node.outputs[0])];
  const repeats = from?.length === 4 && from[1] === to?.[1] && from[2] === 1 && from[3] === 1;
  if (!to || !repeats) return false;
  const [n, c, h, w] = to;
  const blocks = c / b.block;
  store.set(node.outputs[0]!, 'channels', () => {
    const one = g.reshape(store.plain(x), [from[0]!, blocks, 1, b.block]);
    return g.reshape(g.op('Expand', [one, g.ints([n, blocks, h * w, b.block])]), to);
  });
  store.set(node.outputs[0]!, 'plain', () => g.op('Expand', [store.plain(x), store.plain(shape)]));
  return true;
};

/** Reductions that give one number for everything, of weights too, and sums over all but channels. */
export const reduction: Rule = (b, node) => {
  const { g, store } = b;
  const [x, axes] = node.inputs as [string, string?];
  const sizes = store.sizes(x);
  const layout = store.offered(x)[0];
  if (sizes?.length !== 4 || layout === undefined || layout === 'plain') return false;
  const found = axes ? b.constantInts(axes) : intsAttribute(node, 'axes', undefined);
  if (axes && found === undefined) return false;
  const normal = (found ?? []).map((axis) => (axis + 4) % 4).sort();
  const none = normal.length === 0 && intAttribute(node, 'noop_with_empty_axes', 0) === 1;
  if (none) return false;
  const keepdims = intAttribute(node, 'keepdims', 1);
  if (normal.length === 0 || normal.length === 4) {
    const [sum] = g.custom('', node.op, 1, [store.in(x, layout)], { attributes: { keepdims } });
    store.set(node.outputs[0]!, 'plain', sum);
    return true;
  }
  if (node.op !== 'ReduceSum' || layout !== 'channels' || normal.join() !== '0,2,3') return false;
  const sums = channelSums(b, store.in(x, layout));
  store.set(node.outputs[0]!, 'plain', keepdims ? g.reshape(sums, [1, sizes[1]!, 1, 1]) : sums);
  return true;
};

/** Along channels, whose blocks stay whole. */
export const concat: Rule = (b, node) => {
  const { g, store } = b;
  const axis = (intAttribute(node, 'axis', 0) + 4) % 4;
  const whole = node.inputs.every((name) => store.blockable(name));
  const offered = node.inputs.some((name) => store.offered(name).includes('channels'));
  if (axis !== 1 || !whole || !offered) return false;
  const parts = node.inputs.map((name) => store.in(name, 'channels'));
  store.set(node.outputs[0]!, 'channels', g.op('Concat', parts, { axis }));
  return true;
};

export const split: Rule = (b, node) => {
  const { g, store } = b;
  const [x] = node.inputs as [string];
  const axis = (intAttribute(node, 'axis', 0) + 4) % 4;
  const whole = store.blockable(x) && node.outputs.every((name) => store.blockable(name));
  if (axis !== 1 || !whole || !store.offered(x).includes('channels')) return false;
  const sizes = g.ints(node.outputs.map((name) => store.sizes(name)![1]!));
  const parts = g.custom('', 'Split', node.outputs.length, [store.in(x, 'channels'), sizes], {
    attributes: { axis },
  });
  node.outputs.forEach((name, i) => {
    store.set(name, 'channels', parts[i]!);
  });
  return true;
};
