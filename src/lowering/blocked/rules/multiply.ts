/** Products: with scalars, with one number for each channel of each image, and of maps. */
import { isOp, type Value } from '../../../onnx/index.js';
import { planeAffine } from '../kernels/channels.js';
import type { Epilogue } from '../kernels/operators.js';
import type { Rule } from '../node.js';
import type { BlockedValue } from '../value.js';
import { elementwise, sameSizes } from './elementwise.js';
import { scale } from './scaled-sum.js';

export const multiply: Rule = (c) => scale(c) || gate(c) || summedProduct(c) || elementwise(c);

/** A map times one number for each channel of each image, as in squeeze and excitation and its gradient. */
const gate: Rule = (c) => {
  const { g } = c;
  const [left, right] = [c.input(0), c.input(1)];
  const [x, factor] = isPerPlane(right, left) ? [left, right] : [right, left];
  if (!isPerPlane(factor, x) || x.blockable === undefined || x.layout !== 'channels') return false;
  const write = (epilogue: Epilogue, offset?: Value) =>
    planeAffine(g, x.in('channels'), factor.in('channels'), offset, epilogue);
  c.output().defer({
    finish: (epilogue) => write(epilogue),
    offset: (planes, epilogue) => write(epilogue, planes),
  });
  return true;
};

function isPerPlane({ sizes4: sizes, dtype }: BlockedValue, { sizes4: map }: BlockedValue): boolean {
  if (sizes === undefined || map === undefined || dtype !== 'float32') return false;
  const [n, channels, height, width] = sizes;
  return n === map[0] && channels === map[1] && height * width === 1 && map[2] * map[3] > 1;
}

type Factors = readonly [BlockedValue, BlockedValue];

const summed = new WeakMap<BlockedValue, Factors>();

/** The factors of a product that only sums read: they need not be multiplied before. */
export const summedFactors = (product: BlockedValue): Factors | undefined => summed.get(product);

const summedProduct: Rule = (c) => {
  const [left, right] = [c.input(0), c.input(1)];
  const y = c.output();
  const { readers = [] } = y.usage;
  if (readers.length === 0 || !readers.every((node) => isOp(node, 'ReduceSum'))) return false;
  if (!sameSizes(left.sizes, right.sizes) || y.blockable === undefined) return false;
  if (left.layout !== 'channels' && right.layout !== 'channels') return false;
  summed.set(y, [left, right]);
  y.set('channels', () => c.g.op('Mul', [left.in('channels'), right.in('channels')]));
  return true;
};
