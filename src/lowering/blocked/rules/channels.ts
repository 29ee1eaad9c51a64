/** Operators that repeat one number a channel, or join, split and cut along channels. */
import type { Value } from '../../../onnx/index.js';
import type { BlockedNode, Rule } from '../node.js';
import type { BlockedValue } from '../value.js';

const repeated = new WeakMap<BlockedValue, () => Value>();

/** The numbers that a map repeats at all positions, one for each channel of each image: `[N, C, 1, 1]`. */
export const repeatedBy = (map: BlockedValue): (() => Value) | undefined => repeated.get(map);

/** One number per channel, broadcast over all positions, in the requested layout. */
export const expand: Rule = (c) => {
  const { g } = c;
  const [x, shape, y] = [c.input(0), c.input(1), c.output()];
  const [from, to] = [x.sizes4, y.blockable];
  if (!from || !to || from[1] !== y.sizes4?.[1] || from[2] !== 1 || from[3] !== 1) return false;
  const [n, channels, h, w] = to;
  const blocks = channels / c.block;
  const numbers = () => (x.fills('channels') ? x.in('channels') : x.plain);
  y.set('channels', () => {
    const one = g.reshape(numbers(), [from[0], blocks, 1, c.block]);
    return g.reshape(g.op('Expand', [one, g.ints([n, blocks, h * w, c.block])]), to);
  });
  if (from[0] === n) repeated.set(y, numbers);
  y.set('plain', () => g.op('Expand', [x.plain, shape.plain]));
  return true;
};

const hasWholeBlocks = (x: BlockedValue): boolean => x.blockable !== undefined && !x.fills('channels');

const alongChannels = (c: BlockedNode): boolean => c.rank(0) === 4 && c.axis(c.int('axis', 0)) === 1;

/** Along channels, with whole blocks. */
export const concat: Rule = (c) => {
  const inputs = c.inputs.filter((x) => x !== undefined);
  const whole = inputs.every(hasWholeBlocks) && inputs.some((x) => x.offers('channels'));
  if (!whole || !alongChannels(c)) return false;
  const parts = inputs.map((x) => x.in('channels'));
  c.output().set('channels', c.g.op('Concat', parts, { axis: 1 }));
  return true;
};

export const split: Rule = (c) => {
  const x = c.input(0);
  const outputs = c.outputs.filter((y) => y !== undefined);
  const whole = hasWholeBlocks(x) && outputs.length === c.outputs.length && outputs.every(hasWholeBlocks);
  if (!whole || !alongChannels(c) || !x.offers('channels')) return false;
  const sizes = c.g.ints(outputs.map((y) => y.sizes4![1]));
  const parts = c.g.custom('', 'Split', outputs.length, [x.in('channels'), sizes], {
    attributes: { axis: 1 },
  });
  parts.forEach((part, i) => {
    c.output(i).set('channels', part);
  });
  return true;
};

/** Whole blocks, as in the gradient of a concatenation. */
export const slice: Rule = (c) => {
  const { g } = c;
  const [x, y] = [c.input(0), c.output()];
  const [axes, steps] = [c.numbers(3), c.has(4) ? c.numbers(4) : [1]];
  const [start] = c.numbers(1) ?? [];
  const hasWholeBlocks = (x: BlockedValue): boolean => x.blockable !== undefined && !x.fills('channels');

  const alongChannels = axes?.length === 1 && c.axis(axes[0]!) === 1 && steps?.join() === '1';
  if (!alongChannels || start === undefined) return false;
  if (!hasWholeBlocks(x) || !hasWholeBlocks(y) || !x.offers('channels')) return false;
  const channels = x.sizes4![1];
  const first = start < 0 ? start + channels : start;
  if (first % c.block !== 0) return false;
  const bounds = [g.ints([first]), g.ints([first + y.sizes4![1]]), g.ints([1])];
  y.set('channels', g.op('Slice', [x.in('channels'), ...bounds]));
  return true;
};
